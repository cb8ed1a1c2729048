#!/usr/bin/env bash
# Installs what the tests need and runs them all. `--fast` leaves the lab out.
set -euo pipefail
cd "$(dirname "$0")/.."
fast=${1:-}

step() { printf '\n== %s\n' "$*"; }

step "what the tests need"
missing=()
for pair in cc:gcc sshd:openssh-server ssh-agent:openssh-client sudo:sudo redis-server:redis-server git:git; do
    program=${pair%%:*}
    PATH="$PATH:/usr/sbin:/sbin" command -v "$program" >/dev/null || missing+=("${pair#*:}")
done
if [ ${#missing[@]} -gt 0 ]; then
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
    # Packages start services of their own; the tests start theirs.
    systemctl stop redis-server 2>/dev/null || true
fi

step "formatting"
cargo fmt --check
step "clippy, all feature sets"
cargo clippy --all-targets -- -D warnings
cargo clippy --no-default-features --lib --bin fcplay-helper -- -D warnings
step "unit, property, module, registry, layer, command-line, content and SSH tests"
cargo test
if [ "$fast" != --fast ]; then
    step "the lab: a Redis cluster on three hosts, twice"
    integration/lab/test.sh
fi
