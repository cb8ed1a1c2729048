#!/usr/bin/env bash
# Makes the Redis image from Debian's packages, and the `docker save` tarball that the role loads.
# Does nothing when the tarball of this recipe is there.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=integration/lab/common.sh
. "$here/common.sh"

service=redis-7.0
begin_service "$service" "$here/image-redis.sh"

# The packages come by the host image's apt, so this machine's own sources stay as they are; 7.0 is bookworm's.
build_tree '
  apt-get -qq update
  apt-get -qq install -y --no-install-recommends --download-only redis-server redis-tools >/dev/null
  mkdir /out/debs
  for deb in /var/cache/apt/archives/*.deb; do
    case ${deb##*/} in
      redis-*) dpkg-deb -x "$deb" /out/debs ;;
    esac
  done
  apt-get -qq install -y --no-install-recommends redis-tools >/dev/null
  begin_tree 999 redis data var/log/redis
  for tool in /out/debs/usr/bin/redis-check-rdb /out/debs/usr/bin/redis-cli \
    /bin/sh /bin/cat /bin/ls /bin/grep /bin/sleep; do copy_with_libraries "$tool"; done
  ln -s redis-check-rdb /out/tree/bin/redis-server
'

import_tree "$work/tree" "$(service_image "$service")" "$recipe" 'ENV PATH=/bin' 'WORKDIR /data' 'USER 999:999' 'CMD ["redis-server"]'
save_service "$service" "$recipe"
