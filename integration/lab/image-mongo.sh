#!/usr/bin/env bash
# Makes the MongoDB image from the program that integration/servers/mongo.sh fetches, and the `docker save` tarball that
# the role loads. Does nothing when the tarball of this recipe is there.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=integration/lab/common.sh
. "$here/common.sh"

service=mongo-6.0
begin_service "$service" "$here/image-mongo.sh" "$here/../servers/mongo.sh"

program=$("$here/../servers/mongo.sh")

build_tree '
  apt-get -qq update
  apt-get -qq install -y --no-install-recommends libcurl4 >/dev/null
  begin_tree 999 mongodb data/db data/configdb logs
  for tool in /program/mongod /bin/sh /bin/cat /bin/ls /bin/grep /bin/sleep; do copy_with_libraries "$tool"; done
' --volume "$program:/program:ro"

import_tree "$work/tree" "$(service_image "$service")" "$recipe" 'ENV PATH=/bin' 'WORKDIR /data' 'USER 999:999' 'CMD ["mongod"]'
save_service "$service" "$recipe"
