#!/usr/bin/env bash
# Makes the image of Consul from the program that integration/servers/consul.sh fetches, and the `docker save` tarball
# that the role loads. Does nothing when the tarball of this recipe is there.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=integration/lab/common.sh
. "$here/common.sh"

service=consul-1.8
recipe=$(recipe_of "$here/image-consul.sh" "$here/image-tree.sh" "$here/../servers/consul.sh")
service_is_fresh "$service" "$recipe" && exit 0

say "building $(service_image "$service")"
mkdir -p "$lab_state/images"
program=$("$here/../servers/consul.sh")
work=$(mktemp -d "$lab_state/consul.XXXXXX")
trap 'rm -rf "$work"' EXIT

"$here/image-host.sh" bookworm
docker run --rm --network none --volume "$work:/out" --volume "$program:/program:ro" \
  --volume "$here/image-tree.sh:/image-tree.sh:ro" "$(host_image bookworm)" /bin/bash -euc '
  . /image-tree.sh
  begin_tree 100 consul consul/config consul/data
  for tool in /program/consul /bin/sh /bin/cat /bin/ls /bin/grep /bin/sleep; do copy_with_libraries "$tool"; done
'

import_tree "$work/tree" "$(service_image "$service")" "$recipe" 'ENV PATH=/bin' 'WORKDIR /consul' 'USER 100:100' \
  'CMD ["consul", "agent", "-config-dir=/consul/config"]'
save_service "$service" "$recipe"
