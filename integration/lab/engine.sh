#!/usr/bin/env bash
# Starts a Docker engine when none answers, and stops the one that it started: engine.sh {start|stop}.
set -euo pipefail
# shellcheck source=integration/lab/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

pidfile=$lab_state/dockerd.pid

start() {
  docker info >/dev/null 2>&1 && return
  mkdir -p "$lab_state"
  say "starting dockerd (log: $lab_state/dockerd.log)"
  # 9 is the lock of lab.sh: an engine that inherits it would hold it for ever.
  setsid dockerd --data-root "$lab_state/docker" --pidfile "$pidfile" --host "$DOCKER_HOST" \
    >>"$lab_state/dockerd.log" 2>&1 </dev/null 9>&- &
  for _ in $(seq 150); do
    docker info >/dev/null 2>&1 && return
    sleep 0.2
  done
  tail -n 5 "$lab_state/dockerd.log" >&2
  die "dockerd did not come up in 30 s"
}

stop() {
  [ -f "$pidfile" ] || return 0
  local pid
  pid=$(cat "$pidfile")
  kill "$pid" 2>/dev/null || return 0
  for _ in $(seq 150); do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.2
  done
  die "dockerd ($pid) does not stop"
}

case ${1:-} in
  start | stop) "$1" ;;
  *) die "usage: engine.sh {start|stop}" ;;
esac
