#!/usr/bin/env bash
# Makes the MongoDB image from the program that integration/servers/mongo.sh fetches, and the `docker save` tarball that
# the role loads. Does nothing when the tarball of this recipe is there.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=integration/lab/common.sh
. "$here/common.sh"

service=mongo-6.0
recipe=$(recipe_of "$here/image-mongo.sh" "$here/image-tree.sh" "$here/../servers/mongo.sh")
service_is_fresh "$service" "$recipe" && exit 0

say "building $(service_image "$service")"
mkdir -p "$lab_state/images"
program=$("$here/../servers/mongo.sh")
work=$(mktemp -d "$lab_state/mongo.XXXXXX")
trap 'rm -rf "$work"' EXIT

"$here/image-host.sh" bookworm
docker run --rm --network host --volume "$work:/out" --volume "$program:/program:ro" \
  --volume "$here/image-tree.sh:/image-tree.sh:ro" "$(host_image bookworm)" /bin/bash -euc '
  apt-get -qq update
  apt-get -qq install -y --no-install-recommends libcurl4 >/dev/null
  . /image-tree.sh
  begin_tree 999 mongodb data/db data/configdb logs
  for tool in /program/mongod /bin/sh /bin/cat /bin/ls /bin/grep /bin/sleep; do copy_with_libraries "$tool"; done
'

import_tree "$work/tree" "$(service_image "$service")" "$recipe" 'ENV PATH=/bin' 'WORKDIR /data' 'USER 999:999' 'CMD ["mongod"]'
save_service "$service" "$recipe"
