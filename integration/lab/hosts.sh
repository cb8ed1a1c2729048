#!/usr/bin/env bash
# The hosts themselves: hosts.sh {create|remove} [node-N…]; without names, all of them.
set -euo pipefail
# shellcheck source=integration/lab/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

create_one() {
  local node=$1
  # Not --privileged: that asks for CAP_SYS_RESOURCE, which a machine that is a container itself may lack.
  # /var/lib/docker and /mnt/data are volumes because overlay2 does not work on top of overlay2.
  docker run --detach --name "$node" --hostname "$node" --label fcplay-lab \
    --network "$lab_network" --ip "$(node_address "$node")" \
    --cap-add ALL --cap-drop SYS_RESOURCE --security-opt seccomp=unconfined --security-opt apparmor=unconfined \
    --cgroupns=host --volume /sys/fs/cgroup:/sys/fs/cgroup:rw --tmpfs /run --tmpfs /run/lock \
    --volume /var/lib/docker --volume /mnt/data --volume "$lab_state/hosts/$node:/etc/lab:ro" \
    --stop-signal SIGRTMIN+3 "$(host_image "$(suite_of "$node")")" /lib/systemd/systemd >/dev/null
  for user in deploy ops tty root; do
    printf '%s:%s\n' "$user" "$(cat "$lab_state/passwords/$user")"
  done | docker exec --interactive "$node" chpasswd
}

# A host is ready when systemd has started everything and sshd answers.
wait_for() {
  local node=$1 address
  address=$(node_address "$node")
  for _ in $(seq 300); do
    if docker exec "$node" systemctl is-system-running >/dev/null 2>&1 &&
      (exec 3<>"/dev/tcp/$address/22") 2>/dev/null; then
      return
    fi
    sleep 0.2
  done
  docker exec "$node" systemctl --failed --no-legend >&2 || true
  die "$node is not ready after 60 s"
}

create() {
  docker network inspect "$lab_network" >/dev/null 2>&1 ||
    docker network create --subnet "$lab_prefix.0/24" "$lab_network" >/dev/null
  local node fresh=()
  for node in "$@"; do
    [ "$(docker container inspect --format '{{ .State.Running }}' "$node" 2>/dev/null)" = true ] && continue
    remove "$node"
    create_one "$node"
    fresh+=("$node")
  done
  for node in "${fresh[@]}"; do wait_for "$node"; done
}

remove() {
  local node
  for node in "$@"; do
    # --volumes: a host's Docker data and /mnt/data go with it.
    ! docker container inspect "$node" >/dev/null 2>&1 || docker rm --force --volumes "$node" >/dev/null
  done
}

action=${1:-}
[ $# -eq 0 ] || shift
if [ $# -eq 0 ]; then mapfile -t nodes < <(node_names); else nodes=("$@"); fi
case $action in
  create | remove) "$action" "${nodes[@]}" ;;
  *) die "usage: hosts.sh {create|remove} [node-N…]" ;;
esac
