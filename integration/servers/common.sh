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
