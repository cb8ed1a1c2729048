# What every lab script shares: names, places, small helpers. Sourced, never run.
# shellcheck shell=bash
# shellcheck disable=SC2034  # the variables are for whoever sources this

# Everything the lab makes lives here; deleting it (after `lab.sh down`) forgets the lab.
lab_state=${FCPLAY_LAB:-/var/lib/fcplay-lab}
lab_mirror=${FCPLAY_LAB_MIRROR:-http://deb.debian.org/debian}
lab_suite=${FCPLAY_LAB_SUITE:-bookworm}
lab_count=${FCPLAY_LAB_NODES:-3}

# inventory/lab/hosts.yml names the same addresses.
lab_network=fcplay-lab
lab_prefix=172.30.77
lab_host_image=fcplay-lab/host:$lab_suite
lab_redis_image=fcplay/redis:7.0
lab_redis_tarball=$lab_state/images/redis-7.0.tar.gz

# Another `docker` earlier in PATH may be of another version; the API is negotiated.
export DOCKER_HOST=${DOCKER_HOST:-unix:///var/run/docker.sock}

say() { printf 'lab: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# node_names: node-1 … node-N, one a line.
node_names() { seq -f 'node-%g' 1 "$lab_count"; }

# node_address node-3 → 172.30.77.13
node_address() { printf '%s.%d\n' "$lab_prefix" "$((10 + ${1#node-}))"; }

# recipe_of FILE…: a hash of the scripts and settings that an image is made from.
recipe_of() { { cat "$@"; printf '%s %s\n' "$lab_suite" "$lab_mirror"; } | sha256sum | cut -c1-16; }

# image_is_fresh IMAGE RECIPE: is the image there, and made by this recipe?
image_is_fresh() {
  [ "$(docker image inspect --format '{{ index .Config.Labels "fcplay.recipe" }}' "$1" 2>/dev/null)" = "$2" ]
}

# import_tree FOLDER IMAGE RECIPE [CHANGE…]: make an image of a folder, without any registry.
import_tree() {
  local tree=$1 image=$2 recipe=$3 change changes=()
  shift 3
  for change in "$@"; do changes+=(--change "$change"); done
  tar -C "$tree" --numeric-owner -c . |
    docker import --change "LABEL fcplay.recipe=$recipe" "${changes[@]}" - "$image" >/dev/null
}
