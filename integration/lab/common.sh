# What every lab script shares: names, places, small helpers. Sourced, never run.
# shellcheck shell=bash
# shellcheck disable=SC2034  # the variables are for whoever sources this

# Everything the lab makes lives here; deleting it (after `lab.sh down`) forgets the lab.
lab_state=${FCPLAY_LAB:-/var/lib/fcplay-lab}
lab_mirror=${FCPLAY_LAB_MIRROR:-http://deb.debian.org/debian}
lab_count=${FCPLAY_LAB_NODES:-3}
# Debian's release on each host in turn; the last one counts for all further hosts. Old and new, because bookworm
# brings Docker 20.10 with Compose v1, and trixie Docker 26.1 with Compose v2.
read -ra lab_suites <<<"${FCPLAY_LAB_SUITES:-bookworm trixie}"

# inventory/lab/hosts.yml names the same addresses.
lab_network=fcplay-lab
lab_prefix=172.30.77
# Another `docker` earlier in PATH may be of another version; the API is negotiated.
export DOCKER_HOST=${DOCKER_HOST:-unix:///var/run/docker.sock}

say() { printf 'lab: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# node_names: node-1 … node-N, one a line.
node_names() { seq -f 'node-%g' 1 "$lab_count"; }

# node_address node-3 → 172.30.77.13
node_address() { printf '%s.%d\n' "$lab_prefix" "$((10 + ${1#node-}))"; }

# suite_of node-3 → trixie
suite_of() {
  local index=$((${1#node-} - 1)) last=$((${#lab_suites[@]} - 1))
  printf '%s\n' "${lab_suites[index < last ? index : last]}"
}

# suites_in_use: each release once, one a line.
suites_in_use() { for node in $(node_names); do suite_of "$node"; done | sort -u; }

# host_image bookworm → fcplay-lab/host:bookworm
host_image() { printf 'fcplay-lab/host:%s\n' "$1"; }

# Services' images have one name everywhere: redis-7.0 is the image fcplay/redis:7.0, saved in redis-7.0.tar.gz.
service_image() { printf 'fcplay/%s:%s\n' "${1%-*}" "${1##*-}"; }
service_tarball() { printf '%s/images/%s.tar.gz\n' "$lab_state" "$1"; }

# recipe_of FILE…: a hash of the scripts that an image is made by.
recipe_of() { { cat "$@"; printf '%s\n' "$lab_mirror"; } | sha256sum | cut -c1-16; }

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

# service_is_fresh redis-7.0 RECIPE: is the tarball there, and made by this recipe?
service_is_fresh() {
  local tarball
  tarball=$(service_tarball "$1")
  [ "$(cat "$tarball.recipe" 2>/dev/null)" = "$2" ] && [ -s "$tarball" ]
}

# save_service redis-7.0 RECIPE: what a customer gets on a USB stick.
save_service() {
  local tarball
  tarball=$(service_tarball "$1")
  docker save "$(service_image "$1")" | gzip -6 >"$tarball.new"
  mv "$tarball.new" "$tarball"
  printf '%s\n' "$2" >"$tarball.recipe"
}

# begin_service redis-7.0 FILE…: sets `recipe` (a hash of the files) and `work` (a folder); ends the script when the
# tarball of this recipe is there.
begin_service() {
  recipe=$(recipe_of "${@:2}" "$here/image-tree.sh")
  ! service_is_fresh "$1" "$recipe" || exit 0
  say "building $(service_image "$1")"
  mkdir -p "$lab_state/images"
  work=$(mktemp -d "$lab_state/${1%-*}.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  "$here/image-host.sh" bookworm
}

# build_tree SCRIPT [OPTION…]: runs a script in a bookworm that fills $work/tree with the functions of image-tree.sh.
build_tree() {
  docker run --rm --network host --volume "$work:/out" --volume "$here/image-tree.sh:/image-tree.sh:ro" "${@:2}" \
    "$(host_image bookworm)" /bin/bash -euc ". /image-tree.sh; $1"
}
