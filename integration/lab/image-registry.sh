#!/usr/bin/env bash
# Makes the image of the image registry from Debian's package, and the `docker save` tarball that the role loads.
# Does nothing when the tarball of this recipe is there.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=integration/lab/common.sh
. "$here/common.sh"

service=registry-2.8
recipe=$(recipe_of "$here/image-registry.sh" "$here/image-tree.sh")
service_is_fresh "$service" "$recipe" && exit 0

say "building $(service_image "$service")"
mkdir -p "$lab_state/images"
work=$(mktemp -d "$lab_state/registry.XXXXXX")
trap 'rm -rf "$work"' EXIT

"$here/image-host.sh" bookworm
docker run --rm --network host --volume "$work:/out" --volume "$here/image-tree.sh:/image-tree.sh:ro" "$(host_image bookworm)" /bin/bash -euc '
  apt-get -qq update
  apt-get -qq install -y --no-install-recommends docker-registry >/dev/null 2>&1
  . /image-tree.sh
  begin_tree 1000 registry var/lib/registry etc/docker/registry
  for tool in /usr/bin/docker-registry /bin/sh /bin/cat /bin/ls /bin/grep /bin/sleep; do copy_with_libraries "$tool"; done
  mv /out/tree/bin/docker-registry /out/tree/bin/registry
'

import_tree "$work/tree" "$(service_image "$service")" "$recipe" 'ENV PATH=/bin' 'WORKDIR /var/lib/registry' \
  'USER 1000:1000' 'CMD ["registry", "serve", "/etc/docker/registry/config.yml"]'
save_service "$service" "$recipe"
