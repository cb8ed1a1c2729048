#!/usr/bin/env bash
# Builds fcplay and its helper into target/release.
#
# The helper runs on any Linux of this architecture and travels to every host, so it is linked statically, with musl (a
# third of what glibc takes), and made small; fcplay finds it beside itself.
set -euo pipefail
cd "$(dirname "$0")"
limit=$((2 * 1024 * 1024))
target="$(uname -m)-unknown-linux-musl"
has_target() { compgen -G "$(rustc --print sysroot)/lib/rustlib/$target/lib/libcore-*" >/dev/null; }
has_target || rustup target add "$target" || true
if ! has_target; then
    target=$(rustc -vV | sed -n 's/^host: //p')
    limit=$((2 * limit))
    echo "build.sh: no Rust library for musl here; the helper is linked with glibc and twice as large" >&2
fi
cargo build --release --bin fcplay
# The outliner moves what several functions do alike into a function of its own.
flags="-C target-feature=+crt-static -C relocation-model=static -C llvm-args=-enable-machine-outliner=always"
flags+=" -C llvm-args=-machine-outliner-reruns=3"
# Code and data may share a page of the file.
flags+=" -C link-arg=-T$PWD/helper.ld -C link-arg=-Wl,--no-eh-frame-hdr -C link-arg=-Wl,-z,noseparate-code"
RUSTFLAGS="$flags" \
    cargo build --profile helper --bin fcplay-helper --no-default-features --target "$target" --target-dir target/static
helper=target/release/fcplay-helper
install -m 0755 "target/static/$target/helper/fcplay-helper" "$helper"
ls -l target/release/fcplay "$helper"
size=$(stat -c %s "$helper")
if ((size > limit)); then
    echo "build.sh: the helper has $size bytes, more than the $limit it may have; see docs/performance.md" >&2
    exit 1
fi
