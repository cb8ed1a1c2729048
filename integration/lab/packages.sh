#!/usr/bin/env bash
# Installs the Debian packages that the lab needs on this machine; does nothing when all are there.
set -euo pipefail

wanted=(docker.io docker-compose debootstrap iptables openssh-client iproute2 util-linux)
missing=()
for package in "${wanted[@]}"; do
  state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done

# A docker from elsewhere (docker-ce, a static binary) serves as well as Debian's.
if command -v dockerd >/dev/null; then
  kept=()
  for package in "${missing[@]}"; do
    case $package in docker.io | docker-compose) ;; *) kept+=("$package") ;; esac
  done
  missing=("${kept[@]}")
fi

[ ${#missing[@]} -gt 0 ] || exit 0
printf 'lab: installing %s\n' "${missing[*]}" >&2
# A source of packages that does not answer is no reason to stop: another may have them.
apt-get -qq update || true
DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}" >/dev/null
