#!/bin/sh
# Prints the path of a Chromium for the browser tests; installs Debian's where there is none and this user may.
# Without one it prints nothing and says so; only under CI is that a failure.
set -u

find_chromium() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" && return 0
    done
    return 1
}

find_chromium && exit 0

if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "chromium: none here, installing Debian's" >&2
    export DEBIAN_FRONTEND=noninteractive
    { apt-get -qq update && apt-get -qq install --yes --no-install-recommends chromium; } >&2
    find_chromium && exit 0
fi

echo "chromium: none here, and it cannot be installed by this user; the browser tests cannot run." >&2
echo "chromium: on Debian, as root: apt install chromium" >&2
[ "${CI:-}" != true ]
