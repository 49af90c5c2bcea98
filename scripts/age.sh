#!/bin/sh
# Prints the path of age, which docs/verify-by-hand.md uses; installs Debian's where there is none and this user may.
# Without one it prints nothing and says so; only under CI is that a failure.
set -u

command -v age && exit 0

if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "age: none here, installing Debian's" >&2
    export DEBIAN_FRONTEND=noninteractive
    { apt-get -qq update && apt-get -qq install --yes --no-install-recommends age; } >&2
    command -v age && exit 0
fi

echo "age: none here, and it cannot be installed by this user; the recipe of docs/verify-by-hand.md cannot run." >&2
echo "age: on Debian, as root: apt install age" >&2
[ "${CI:-}" != true ]
