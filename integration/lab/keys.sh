#!/usr/bin/env bash
# Makes what logging in needs, once: the client's key, the hosts' keys, known_hosts, and passwords.
set -euo pipefail
# shellcheck source=integration/lab/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

umask 077
mkdir -p "$lab_state/ssh" "$lab_state/passwords" "$lab_state/hosts"
chmod 0755 "$lab_state/hosts"

key=$lab_state/ssh/id_ed25519
[ -f "$key" ] || ssh-keygen -q -t ed25519 -N '' -C fcplay-lab -f "$key"

# ops and tty log in with a password too, su wants root's, and `vault` opens the secrets of inventory/lab.
for user in deploy ops tty root vault; do
  file=$lab_state/passwords/$user
  # A letter in front: such a password can stand unquoted in YAML, INI and shell.
  [ -s "$file" ] || printf 'p%s\n' "$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')" >"$file"
done

: >"$lab_state/ssh/known_hosts.new"
for node in $(node_names); do
  folder=$lab_state/hosts/$node
  mkdir -p "$folder"
  chmod 0755 "$folder"
  [ -f "$folder/ssh_host_ed25519_key" ] || ssh-keygen -q -t ed25519 -N '' -C "$node" -f "$folder/ssh_host_ed25519_key"
  install -m 0644 "$key.pub" "$folder/authorized_keys"
  printf '%s,%s %s\n' "$(node_address "$node")" "$node" "$(cut -d' ' -f1,2 "$folder/ssh_host_ed25519_key.pub")" \
    >>"$lab_state/ssh/known_hosts.new"
done
mv "$lab_state/ssh/known_hosts.new" "$lab_state/ssh/known_hosts"
