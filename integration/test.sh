#!/usr/bin/env bash
# Installs what the tests need and runs them all. `--fast` leaves the lab out.
set -euo pipefail
cd "$(dirname "$0")/.."
fast=${1:-}

step() { printf '\n== %s\n' "$*"; }

step "what the tests need"
integration/install.sh cc:gcc /usr/include/stdlib.h:libc6-dev sshd:openssh-server ssh-agent:openssh-client sudo:sudo \
    doas:opendoas fish:fish pgrep:procps redis-server:redis-server git:git tcsh:tcsh

step "servers for the tests of clusters"
integration/servers/consul.sh
integration/servers/kafka.sh
integration/servers/mongo.sh
integration/servers/redis-6.0.sh
step "formatting"
cargo fmt --check
step "clippy, all feature sets"
cargo clippy --all-targets -- -D warnings
cargo clippy --no-default-features --lib --bin fcplay-helper -- -D warnings
step "PyYAML, to compare with"
integration/yaml.sh 0
step "unit, property, module, registry, layer, command-line, content and SSH tests"
cargo test
if [ "$fast" != --fast ]; then
    step "the lab: a whole site on three bare hosts, twice"
    integration/lab/test.sh
fi
