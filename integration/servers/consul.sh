#!/usr/bin/env bash
# Fetches Consul 1.8.7, the newest that Debian ever packaged (bullseye), and prints the folder that `consul` is in.
set -euo pipefail
# shellcheck source=integration/servers/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

fetch() {
    debs bullseye consul
    mv usr/bin/consul consul
    rm -rf etc lib usr var
    ./consul version | head -1
}

once consul-1.8.7 fetch
