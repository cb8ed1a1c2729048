#!/usr/bin/env bash
# Fetches Redis 6.0 (Debian bullseye), the oldest that the tests know, and prints the folder that `redis-server` is in.
# The libraries that it wants lie beside it, and a script of its name finds them there.
set -euo pipefail
# shellcheck source=integration/servers/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

fetch() {
    debs bullseye redis-tools libatomic1 libjemalloc2 liblua5.1-0 liblzf1 libssl1.1 lua-bitop lua-cjson
    mkdir libraries
    find usr/lib -name '*.so.*' -exec cp -d {} libraries \;
    mv usr/bin/redis-check-rdb server # the server and its tools are one program, which goes by its name
    rm -rf etc lib usr
    cat >redis-server <<'SCRIPT'
#!/bin/bash
folder=$(dirname "${BASH_SOURCE[0]}")
export LD_LIBRARY_PATH=$folder/libraries
exec -a "$(basename "$0")" "$folder/server" "$@"
SCRIPT
    chmod 0755 redis-server
    ./redis-server --version
}

once redis-6.0 fetch
