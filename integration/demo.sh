#!/usr/bin/env bash
# The main job end to end: builds fcplay, brings up the lab of three real SSH hosts, and deploys a whole site to it.
# A fresh Debian or Ubuntu machine with Rust needs nothing else; the rest is installed here.
set -euo pipefail
cd "$(dirname "$0")/.."
integration/install.sh cc:gcc /usr/include/stdlib.h:libc6-dev
./build.sh
integration/lab/lab.sh up
target/release/fcplay site.yml -i lab "$@"
