#!/bin/sh
# Installs the Debian packages of tests/debian.txt that are missing, where that is allowed; else says which tests will
# be skipped. It names what it installs first, and keeps any service that comes along from being started.
set -eu
list=tests/debian.txt
policy=/usr/sbin/policy-rc.d

missing=
while read -r package tests purpose; do
    case $package in '' | '#'*) continue ;; esac
    if command -v dpkg-query >/dev/null && dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed'; then
        continue
    fi
    missing="$missing $package"
    echo "Not installed: $package. Without it $tests is skipped ($purpose)." >&2
done <$list

[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "To run these tests too, as root: apt-get install$missing" >&2
    exit 0
fi

echo "Installing:$missing" >&2
if [ ! -e $policy ]; then  # invoke-rc.d asks it before it starts a service; 101 means no
    trap 'rm -f $policy' EXIT
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
fi
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 -- package names, one word each
if ! { apt-get update -q && apt-get install -q -y --no-install-recommends $missing; } >/dev/null; then
    echo "They could not be installed: the tests above are skipped." >&2
fi
