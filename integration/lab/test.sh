#!/usr/bin/env bash
# Deploys the Redis cluster to bare hosts of the lab, checks it, and runs again: the second run changes nothing.
set -euo pipefail
cd "$(dirname "$0")/../.."
log=$(mktemp)
after() {
    rm -f "$log"
    # A lab that was up before stays; nothing else is left running.
    [ -n "$was_up" ] || integration/lab/lab.sh down
}
was_up=$(docker ps -q --filter name=^node- 2>/dev/null || true)
trap after EXIT
./build.sh
integration/lab/lab.sh up
integration/lab/lab.sh reset

target/release/fcplay site.yml -i lab | tee "$log"
target/release/fcplay site.yml -i lab | tee "$log"
if grep -E '^node-[0-9]+ +:' "$log" | grep -vq 'changed=0 '; then
    echo "the second run changed something" >&2
    exit 1
fi
target/release/fcplay site.yml -i lab --check --diff -e redis_maxmemory=96mb | tee "$log"
grep -q 'maxmemory 96mb' "$log" || { echo "the check does not show the change" >&2; exit 1; }
target/release/fcplay site.yml -i lab | tee "$log"
if grep -E '^node-[0-9]+ +:' "$log" | grep -vq 'changed=0 '; then
    echo "the check changed something" >&2
    exit 1
fi
echo "lab: all good"
