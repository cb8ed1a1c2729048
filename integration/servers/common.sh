# What the scripts of servers share. Sourced, never run.
# shellcheck shell=bash

# Servers are fetched once for a machine; deleting the folder fetches them again.
servers=${FCPLAY_SERVERS:-/var/cache/fcplay-servers}
integration=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# once NAME COMMAND…: has a command fill an empty folder, unless it was filled before; prints the folder.
once() {
    local name=$1 work
    shift
    if [ ! -e "$servers/$name" ]; then
        mkdir -p "$servers"
        work=$(mktemp -d "$servers/.$name.XXXXXX")
        if ! (cd "$work" && "$@") >&2; then
            rm -rf "$work"
            echo "$name cannot be fetched" >&2
            return 1
        fi
        chmod 0755 "$work"
        mv -T "$work" "$servers/$name" 2>/dev/null || rm -rf "$work" # another one was faster
    fi
    printf '%s\n' "$servers/$name"
}

# debs SUITE PACKAGE…: unpacks packages of a Debian release into this folder, without their dependencies and with nothing
# of this machine's own package sources changed.
debs() {
    local suite=$1 apt=$PWD/.apt
    local -a options=(
        -o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null -o "Dir::State::lists=$apt/lists"
        -o "Dir::State::status=$apt/status" -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User=root -o Acquire::Retries=3
    )
    shift
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    echo "deb ${FCPLAY_DEBIAN:-http://deb.debian.org/debian} $suite main" >"$apt/sources.list"
    : >"$apt/status"
    apt-get -qq "${options[@]}" update
    apt-get -qq "${options[@]}" download "$@"
    local deb
    for deb in ./*.deb; do dpkg-deb -x "$deb" . && rm "$deb"; done
    rm -rf "$apt"
}
