#!/usr/bin/env bash
# Deploys sites to bare hosts of the lab, and proves them: test.sh [SITE…]
#
#   findings   hosts that are not ready: nothing is begun on any
#   three      inventory/lab: Kafka with ZooKeeper, images through a registry (what CI runs, after `findings`)
#   kraft      the same with KRaft
#   sentinel   Redis with Sentinel
#   single     inventory/single on one host: images loaded on it, KRaft
#   small      inventory/small on four hosts
#   broken     three, after ten runs of which each was killed at a random moment
#   order      three again, with `needs` and without, for the times
#
# Each: a check of bare hosts touches nothing, the site is deployed and verified, the second run changes nothing.
set -euo pipefail
cd "$(dirname "$0")/../.."
log=$(mktemp)
after() {
    rm -f "$log" site.in-order.yml
    # A lab that was up before stays; nothing else is left running.
    [ -n "$was_up" ] || integration/lab/lab.sh down
}
was_up=$(docker ps -q --filter name=^node- 2>/dev/null || true)
trap after EXIT
here=integration/lab
fcplay=${FCPLAY:-target/release/fcplay}

step() { printf '\n== %s\n' "$*"; }

fail() {
    echo "lab: $*" >&2
    exit 1
}

# play ARGUMENT…: a run, seen and kept in the log.
play() { "$fcplay" "$@" | tee "$log"; }

# bare NUMBER: so many hosts that nothing was done to.
bare() {
    export FCPLAY_LAB_NODES=$1
    $here/lab.sh up
    $here/lab.sh reset
}

nothing_changed() { # WHAT
    if grep -E '^node-[0-9]+ +:' "$log" | grep -vq 'changed=0 '; then fail "$1 changed something"; fi
}

# Nothing that a role makes is there: the data root of Docker, Compose files, programs.
untouched() {
    local node
    for node in $($here/lab.sh status | awk '/^node-/ { print $1 }'); do
        $here/lab.sh ssh "$node" 'test ! -e /mnt/data/compose && test ! -e /etc/docker && ! command -v dockerd' ||
            fail "the check touched $node"
    done
}

# site HOSTS ARGUMENT…: everything that must hold of a site.
site() {
    bare "$1"
    shift
    play site.yml "$@" --check
    untouched
    play site.yml "$@"
    play site.yml "$@"
    nothing_changed "the second run"
    play site.yml "$@" -t verify
}

site_findings() {
    bare 3
    docker exec node-2 hostname node-1
    # A clock that is five seconds ahead, as far as `date` tells.
    docker exec node-3 sh -c 'printf "#!/bin/sh\necho \$((\$(/bin/date +%%s) + 5)).5\n" >/usr/local/bin/date; chmod 0755 /usr/local/bin/date'
    docker exec node-3 umount /mnt/data
    if play site.yml -i lab; then fail "the checks let hosts pass that are not ready"; fi
    local finding
    for finding in 'its host name is also that of node-2' 'its clock is +' '/mnt/data is not a mount'; do
        grep -q "$finding" "$log" || fail "the checks do not say: $finding"
    done
    untouched
}

site_three() {
    site 3 -i lab
    play site.yml -i lab --check --diff -e redis_maxmemory=96mb
    grep -q 'maxmemory 96mb' "$log" || fail "the check does not show the change"
    play site.yml -i lab
    nothing_changed "the check"
}
site_kraft() { site 3 -i lab -e kafka_mode=kraft; }
site_sentinel() {
    bare 3
    local book
    for book in docker registry redis redis; do play playbooks/$book.yml -i lab -e redis_mode=sentinel; done
    nothing_changed "the second run"
}
site_single() { site 1 -i single -i $here/sites/single.yml; }
site_small() { site 4 -i small -i $here/sites/small.yml; }
site_broken() {
    bare 3
    local seconds
    for _ in $(seq 10); do
        seconds=$((RANDOM % 25 + 2))
        echo "a run that is killed after $seconds s"
        timeout --signal=KILL $seconds "$fcplay" site.yml -i lab >"$log" 2>&1 || true
        tail -n 3 "$log"
    done
    play site.yml -i lab
    play site.yml -i lab
    nothing_changed "the second run"
}
site_order() {
    # Tells how long plays take also where they do not run side by side.
    export ANSIBLE_CALLBACKS_ENABLED=profile_tasks
    sed '/^  needs:/d' site.yml >site.in-order.yml
    local book
    for book in site.in-order.yml site.yml; do
        bare 3
        play site.yml -i lab -t check
        play playbooks/docker.yml -i lab
        play playbooks/registry.yml -i lab
        play $book -i lab
        play $book -i lab
    done
}

[ -n "${FCPLAY:-}" ] || ./build.sh
[ $# -gt 0 ] || set -- findings three
for name in "$@"; do
    step "site $name"
    "site_$name"
done
echo "lab: all good"
