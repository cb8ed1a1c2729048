#!/usr/bin/env bash
# Installs what is missing on a Debian or Ubuntu machine: install.sh {PROGRAM|/PATH}:PACKAGE…
set -euo pipefail
missing=()
for pair in "$@"; do
    PATH="$PATH:/usr/sbin:/sbin" command -v "${pair%%:*}" >/dev/null || [ -e "${pair%%:*}" ] || missing+=("${pair#*:}")
done
[ ${#missing[@]} -gt 0 ] || exit 0
echo "installing ${missing[*]}"
# A source of packages that does not answer is no reason to stop: another may have them.
apt-get -qq update || true
# Packages may start services of their own, and those the ports of the tests: a policy forbids it while they install.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 0755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi
DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}" >/dev/null
