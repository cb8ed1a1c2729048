#!/usr/bin/env bash
# The lab's one door. See ../README.md.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=integration/lab/common.sh
. "$here/common.sh"

usage() {
  cat <<END
usage: integration/lab/lab.sh COMMAND
  up                 engine, images, keys, hosts: whatever is missing
  reset [node-N…]    throw the hosts away and start them bare again
  down               remove the hosts, stop the engine if the lab started it
  status             which hosts answer, and where
  images             build the images of the hosts and of the services, nothing else
  ssh node-N [CMD]   log in as deploy (or LAB_USER)
END
}

ready() {
  "$here/packages.sh"
  "$here/engine.sh" start
}

images() {
  local suite service
  for suite in $(suites_in_use); do "$here/image-host.sh" "$suite"; done
  for service in consul kafka mongo redis registry; do "$here/image-$service.sh"; done
}

status() {
  local node answer
  printf 'state %s\n' "$lab_state"
  for node in $(node_names); do
    answer=$(on "$node" 'systemctl is-system-running; docker --version 2>/dev/null' 2>&1 | paste -sd' ') || true
    printf '%s %s %s\n' "$node" "$(node_address "$node")" "${answer:-down}"
  done
}

on() {
  local node=$1
  shift
  ssh -o BatchMode=yes -o ConnectTimeout=3 -o LogLevel=ERROR -o StrictHostKeyChecking=yes \
    -o UserKnownHostsFile="$lab_state/ssh/known_hosts" -o IdentitiesOnly=yes -i "$lab_state/ssh/id_ed25519" \
    "${LAB_USER:-deploy}@$(node_address "$node")" "$@"
}

command=${1:-}
[ $# -eq 0 ] || shift

case $command in
  up | reset | down | images)
    [ "$(id -u)" = 0 ] || die "$command needs root"
    mkdir -p "$lab_state"
    exec 9>"$lab_state/lock"
    flock 9 # two at once would build the same image twice
    ;;
esac

case $command in
  up)
    ready
    images
    "$here/keys.sh"
    "$here/hosts.sh" create
    status
    ;;
  reset)
    "$here/hosts.sh" remove "$@"
    "$here/hosts.sh" create "$@"
    ;;
  down)
    if docker info >/dev/null 2>&1; then
      "$here/hosts.sh" remove
      docker network rm "$lab_network" >/dev/null 2>&1 || true
    fi
    "$here/engine.sh" stop
    ;;
  images)
    ready
    images
    ;;
  status) status ;;
  ssh) on "$@" ;;
  *)
    usage >&2
    exit 2
    ;;
esac
