#!/usr/bin/env bash
# Makes the image of Consul from the program that integration/servers/consul.sh fetches, and the `docker save` tarball
# that the role loads. Does nothing when the tarball of this recipe is there.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=integration/lab/common.sh
. "$here/common.sh"

service=consul-1.8
begin_service "$service" "$here/image-consul.sh" "$here/../servers/consul.sh"

program=$("$here/../servers/consul.sh")

build_tree '
  begin_tree 100 consul consul/config consul/data
  for tool in /program/consul /bin/sh /bin/cat /bin/ls /bin/grep /bin/sleep; do copy_with_libraries "$tool"; done
' --volume "$program:/program:ro"

import_tree "$work/tree" "$(service_image "$service")" "$recipe" 'ENV PATH=/bin' 'WORKDIR /consul' 'USER 100:100' \
  'CMD ["consul", "agent", "-config-dir=/consul/config"]'
save_service "$service" "$recipe"
