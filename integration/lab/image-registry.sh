#!/usr/bin/env bash
# Makes the image of the image registry from Debian's package, and the `docker save` tarball that the role loads.
# Does nothing when the tarball of this recipe is there.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=integration/lab/common.sh
. "$here/common.sh"

service=registry-2.8
begin_service "$service" "$here/image-registry.sh"

build_tree '
  apt-get -qq update
  apt-get -qq install -y --no-install-recommends docker-registry >/dev/null 2>&1
  begin_tree 1000 registry var/lib/registry etc/docker/registry
  for tool in /usr/bin/docker-registry /bin/sh /bin/cat /bin/ls /bin/grep /bin/sleep; do copy_with_libraries "$tool"; done
  mv /out/tree/bin/docker-registry /out/tree/bin/registry
'

import_tree "$work/tree" "$(service_image "$service")" "$recipe" 'ENV PATH=/bin' 'WORKDIR /var/lib/registry' \
  'USER 1000:1000' 'CMD ["registry", "serve", "/etc/docker/registry/config.yml"]'
save_service "$service" "$recipe"
