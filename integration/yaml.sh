#!/usr/bin/env bash
# Compares what fcplay and PyYAML make of random YAML: yaml.sh [DOCUMENTS [SEED]], 200000 documents of a new seed unless
# said otherwise. `yaml.sh 0` only installs PyYAML, below target/, for `cargo test`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
documents=${1:-200000}
seed=${2:-$RANDOM}
venv=target/pyyaml
if [ -z "${PYYAML_PYTHON:-}" ] && ! [ -x "$venv/bin/python" ]; then
    integration/install.sh python3:python3
    python3 -c "import ensurepip" 2>/dev/null || integration/install.sh /python3-venv:python3-venv
    python3 -m venv "$venv" && "$venv/bin/pip" -q install 'pyyaml==6.*' || { rm -rf "$venv"; exit 1; }
fi
[ "$documents" -gt 0 ] || exit 0
echo "$documents documents of the seed $seed"
YAML_DOCUMENTS=$documents YAML_SEED=$seed cargo test --lib yaml::tests::pyyaml -- --nocapture
