#!/bin/sh
# Prints the path of a LibreOffice for the test of spreadsheets; installs Debian's Calc where there is none and this user
# may. Without one it prints nothing, says so, and fails: only who asks for that test runs this.
set -u

find_libreoffice() {
    for name in soffice libreoffice; do
        command -v "$name" && return 0
    done
    return 1
}

find_libreoffice && exit 0

if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "libreoffice: none here, installing Debian's Calc" >&2
    export DEBIAN_FRONTEND=noninteractive
    { apt-get -qq update && apt-get -qq install --yes --no-install-recommends libreoffice-calc; } >&2
    find_libreoffice && exit 0
fi

echo "libreoffice: none here, and it cannot be installed by this user; on Debian, as root: apt install libreoffice-calc" >&2
exit 1
