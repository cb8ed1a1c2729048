#!/usr/bin/env bash
# Builds fcplay and its helper into target/release.
#
# The helper runs on any Linux of this architecture, so it is linked statically and made small; fcplay finds it beside
# itself. `--target` keeps the flags for the helper away from programs that run while building.
set -euo pipefail
cd "$(dirname "$0")"
host=$(rustc -vV | sed -n 's/^host: //p')
cargo build --release --bin fcplay
RUSTFLAGS='-C target-feature=+crt-static' \
    cargo build --profile helper --bin fcplay-helper --no-default-features --target "$host" --target-dir target/static
install -m 0755 "target/static/$host/helper/fcplay-helper" target/release/fcplay-helper
ls -l target/release/fcplay target/release/fcplay-helper
