#!/bin/sh
# Says who listens on TCP ports: ports.sh PORT…
# A line for each port that is taken: the port, a tab, then the Compose folder of the container that has it, or the
# program's name and number. Needs no ss and no netstat; root, to see the processes of others.
LC_ALL=C
export LC_ALL

# Port and inode of every socket that listens (state 0A).
listening() {
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '
        function dec(hex, i, n) {
            for (i = 1; i <= length(hex); i++) n = n * 16 + index("123456789ABCDEF", substr(hex, i, 1))
            return n
        }
        $4 == "0A" { split($2, part, ":"); print dec(part[2]), $10 }' | sort -u
}

process_of() { # INODE
    ls -l /proc/[0-9]*/fd 2>/dev/null | awk -v wanted="socket:[$1]" '
        /^\/proc\// { split($0, part, "/"); pid = part[3] }
        $NF == wanted { print pid; exit }'
}

compose_folder() { # CONTAINER
    docker inspect --format '{{ index .Config.Labels "com.docker.compose.project.working_dir" }}' "$1" 2>/dev/null
}

owner_of() { # PORT PID
    name=$(cat "/proc/$2/comm" 2>/dev/null)
    case $name in
        docker-proxy) container=$(docker ps --quiet --filter "publish=$1" | head -n 1) ;;
        *) container=$(grep -o '[0-9a-f]\{64\}' "/proc/$2/cgroup" 2>/dev/null | tail -n 1) ;;
    esac
    folder=
    [ -z "$container" ] || folder=$(compose_folder "$container")
    printf '%s\n' "${folder:-$name (process $2)}"
}

sockets=$(listening)
for port in "$@"; do
    inode=$(printf '%s\n' "$sockets" | awk -v port="$port" '$1 == port { print $2; exit }')
    [ -n "$inode" ] || continue
    pid=$(process_of "$inode")
    if [ -n "$pid" ]; then
        printf '%s\t%s\n' "$port" "$(owner_of "$port" "$pid")"
    else
        printf '%s\t%s\n' "$port" "an unknown process"
    fi
done
