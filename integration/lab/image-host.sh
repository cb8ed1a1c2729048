#!/usr/bin/env bash
# Builds the image of a lab host: a small Debian with systemd, sshd and sudo, and no Python: image-host.sh SUITE.
# Takes about a minute; does nothing when the image of this recipe is there.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=integration/lab/common.sh
. "$here/common.sh"

suite=${1:?usage: image-host.sh SUITE}
image=$(host_image "$suite")
recipe=$(recipe_of "$here/image-host.sh" "$here/image-host-inside.sh")
image_is_fresh "$image" "$recipe" && exit 0

say "building $image from $lab_mirror"
mkdir -p "$lab_state"
tree=$(mktemp -d "$lab_state/host.XXXXXX")
trap 'rm -rf "$tree"' EXIT

# The mirror is named because a minimal image's own default may not be reachable.
debootstrap --variant=minbase \
  --include=systemd,systemd-sysv,dbus,openssh-server,sudo,iproute2,ca-certificates,procps,iptables \
  "$suite" "$tree" "$lab_mirror" >"$lab_state/debootstrap.log" 2>&1 ||
  { tail -n 5 "$lab_state/debootstrap.log" >&2; die "debootstrap failed: $lab_state/debootstrap.log"; }

cp /etc/resolv.conf "$tree/etc/resolv.conf"
chroot "$tree" /bin/bash -s -- "$suite" "$lab_mirror" <"$here/image-host-inside.sh" >>"$lab_state/debootstrap.log" 2>&1 ||
  { tail -n 5 "$lab_state/debootstrap.log" >&2; die "setting up the image failed: $lab_state/debootstrap.log"; }
! chroot "$tree" sh -c 'command -v python3' || die "the image holds Python"

import_tree "$tree" "$image" "$recipe"
