#!/usr/bin/env bash
# Makes the Redis image from Debian's packages, and the `docker save` tarball that the role loads.
# Does nothing when the tarball of this recipe is there.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=integration/lab/common.sh
. "$here/common.sh"

recipe=$(recipe_of "$here/image-redis.sh")
[ "$(cat "$lab_redis_tarball.recipe" 2>/dev/null)" = "$recipe" ] && [ -s "$lab_redis_tarball" ] && exit 0

say "building $lab_redis_image"
mkdir -p "$lab_state/images"
work=$(mktemp -d "$lab_state/redis.XXXXXX")
trap 'rm -rf "$work"' EXIT

# The packages come by the host image's apt, so this machine's own sources stay as they are; 7.0 is bookworm's.
"$here/image-host.sh" bookworm
docker run --rm --network host --volume "$work:/out" "$(host_image bookworm)" /bin/bash -euc '
  apt-get -qq update
  apt-get -qq install -y --no-install-recommends --download-only redis-server redis-tools >/dev/null
  mkdir /out/debs
  for deb in /var/cache/apt/archives/*.deb; do
    case ${deb##*/} in
      redis-*) dpkg-deb -x "$deb" /out/debs ;;
    esac
  done
  apt-get -qq install -y --no-install-recommends redis-tools >/dev/null
  # Real folders, because in a whole Debian /bin and /lib are links and a tar of some files is not.
  mkdir -p /out/tree/{bin,data,etc,lib64,tmp,var/log/redis}
  copy_with_libraries() {
    cp -L "$1" /out/tree/bin/
    ldd "$1" | grep -o "/[^ )]*" | while read -r library; do
      mkdir -p "/out/tree${library%/*}"
      cp -nL "$library" "/out/tree$library"
    done
  }
  for tool in /out/debs/usr/bin/redis-check-rdb /out/debs/usr/bin/redis-cli \
    /bin/sh /bin/cat /bin/ls /bin/grep /bin/sleep; do copy_with_libraries "$tool"; done
  ln -s redis-check-rdb /out/tree/bin/redis-server
  chmod 1777 /out/tree/tmp
  printf "root:x:0:0::/:/bin/sh\nredis:x:999:999::/data:/bin/sh\n" >/out/tree/etc/passwd
  printf "root:x:0:\nredis:x:999:\n" >/out/tree/etc/group
  chown 999:999 /out/tree/data /out/tree/var/log/redis
'

import_tree "$work/tree" "$lab_redis_image" "$recipe" 'ENV PATH=/bin' 'WORKDIR /data' 'USER 999:999' 'CMD ["redis-server"]'
docker save "$lab_redis_image" | gzip -6 >"$lab_redis_tarball.new"
mv "$lab_redis_tarball.new" "$lab_redis_tarball"
printf '%s\n' "$recipe" >"$lab_redis_tarball.recipe"
