#!/usr/bin/env bash
# Reads roles and playbooks that others wrote, with fcplay under the name ansible-playbook and with Ansible itself, and
# compares what --syntax-check and --list-tasks say: roles.sh {FOLDER-WITH-ROLES|PLAYBOOK}…
set -euo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
[ $# -gt 0 ] && [ "${1#-}" = "$1" ] || { echo "usage: $0 {FOLDER|PLAYBOOK}…" >&2; exit 2; }

# --- what both sides are ---

find_fcplay() {
    local newest
    newest=${FCPLAY:-$(ls -t "$project"/target/{release,debug}/fcplay 2>/dev/null | head -1)}
    [ -x "${newest:-}" ] || { echo "there is no fcplay: run ./build.sh, or set FCPLAY" >&2; exit 2; }
    realpath "$newest"
}

find_ansible() {
    local venv=$project/target/ansible
    if [ -z "${ANSIBLE_PLAYBOOK:-}" ] && ! ANSIBLE_PLAYBOOK=$(command -v ansible-playbook); then
        ANSIBLE_PLAYBOOK=$venv/bin/ansible-playbook
        [ -x "$ANSIBLE_PLAYBOOK" ] || { python3 -m venv "$venv" && "$venv/bin/pip" -q install 'ansible-core==2.19.*'; } >&2
    fi
    [ -x "$ANSIBLE_PLAYBOOK" ] || { echo "there is no $ANSIBLE_PLAYBOOK: set ANSIBLE_PLAYBOOK" >&2; exit 2; }
    realpath -s "$ANSIBLE_PLAYBOOK"
}

# --- what there is to read: lines of NAME, tab, FOLDER-OF-ROLES ("-" for a playbook) ---

find_subjects() {
    local given main role roles
    for given in "$@"; do
        if [ -f "$given" ]; then
            printf '%s\t-\n' "$(realpath "$given")"
            continue
        fi
        given=$(realpath "$given")
        find "$given" -path '*/tasks/main.y*ml' -not -path '*/molecule/*' -not -path '*/tests/*' | sort |
            while IFS= read -r main; do
                role=${main%/tasks/main.y*ml}
                case $role in
                "$given") roles=$(dirname "$role") ;;
                */roles/*) roles=${role%/roles/*}/roles ;;
                *) roles=$given ;;
                esac
                printf '%s\t%s\n' "${role#"$roles"/}" "$roles"
            done
    done
}

# --- one of them ---

# The tags of a task may stand in another order: Ansible's own order changes from run to run.
without_order_of_tags() {
    awk '{
        at = match($0, /TAGS: \[.*\]$/)
        if (at == 0) { print; next }
        count = split(substr($0, at + 7, RLENGTH - 8), tags, ", ")
        for (i = 2; i <= count; i++)
            for (j = i; j > 1 && tags[j - 1] > tags[j]; j--) { kept = tags[j]; tags[j] = tags[j - 1]; tags[j - 1] = kept }
        line = substr($0, 1, at + 6)
        for (i = 1; i <= count; i++) line = line (i > 1 ? ", " : "") tags[i]
        print line "]"
    }' "$1"
}

mistakes_of() { grep -E '^(\[ERROR\]|error)' "$1" || true; }

missing_in() {
    sed -nE "s/.*couldn't resolve module\/action '([^']*)'.*/\1/p; s/.*there is no ((filter|lookup|test) \`[^\`]*\`).*/\1/p" "$1"
}

# Prints the verdict on one role or playbook, tab, a reason.
judge() {
    local subject=$1 roles=$2 at=$3 playbook=$1
    mkdir -p "$at"
    export ANSIBLE_NOCOLOR=1 ANSIBLE_LOCALHOST_WARNING=False ANSIBLE_INVENTORY_UNPARSED_WARNING=False
    if [ "$roles" = - ]; then
        cd "$(dirname "$subject")"
    else
        playbook=$at/playbook.yml
        printf -- '- hosts: localhost\n  roles:\n    - role: "%s"\n' "$subject" >"$playbook"
        # A project's ansible.cfg lies beside its folder of roles, and may name libraries.
        cd "$(dirname "$roles")"
        export ANSIBLE_ROLES_PATH=$roles${ANSIBLE_ROLES_PATH:+:$ANSIBLE_ROLES_PATH}
    fi
    # To list, Ansible loads just what it loads to check the syntax: one start of it tells both.
    local theirs=0 ours=0 syntax=0 others
    "$ANSIBLE_PLAYBOOK" "$playbook" --list-tasks >"$at/theirs" 2>"$at/theirs.err" </dev/null || theirs=$?
    "$at/../bin/ansible-playbook" "$playbook" --list-tasks >"$at/ours" 2>"$at/ours.err" </dev/null || ours=$?
    "$at/../bin/ansible-playbook" "$playbook" --syntax-check >"$at/syntax" 2>"$at/syntax.err" </dev/null || syntax=$?
    if [ $theirs -ne 0 ]; then
        printf 'not for ansible either\t%s\n' "$(mistakes_of "$at/theirs.err" | head -1)"
        return
    fi
    if [ $ours -ne 0 ]; then
        printf 'different\tno list: %s\n' "$(mistakes_of "$at/ours.err" | head -1)"
        return
    fi
    without_order_of_tags "$at/theirs" >"$at/theirs.sorted"
    without_order_of_tags "$at/ours" >"$at/ours.sorted"
    if ! diff "$at/theirs.sorted" "$at/ours.sorted" >"$at/diff"; then
        printf 'different\tthe list: %s\n' "$(sed -n 2p "$at/diff")"
        return
    fi
    others=$(mistakes_of "$at/syntax.err" | grep -Ev "couldn't resolve module/action|there is no (filter|lookup|test) " | head -1 || true)
    if [ $syntax -eq 0 ]; then
        printf 'same\t\n'
    elif [ -n "$others" ] || ! mistakes_of "$at/syntax.err" | grep -q .; then
        printf 'different\tsyntax: %s\n' "$others"
    else
        printf 'missing plugins\t%s\n' "$(missing_in "$at/syntax.err" | sort -u | paste -sd ' ')"
    fi
}

# --- all of them ---

FCPLAY=$(find_fcplay)
ANSIBLE_PLAYBOOK=$(find_ansible)
export ANSIBLE_PLAYBOOK
work=$(mktemp -d)
if [ -n "${KEEP:-}" ]; then
    echo "what both said is kept in $work"
else
    trap 'rm -rf "$work"' EXIT
fi
mkdir "$work/bin"
ln -s "$FCPLAY" "$work/bin/ansible-playbook"
find_subjects "$@" >"$work/subjects"
[ -s "$work/subjects" ] || { echo "there is no role (tasks/main.yml) below $*" >&2; exit 2; }

number=0
while IFS=$'\t' read -r subject roles; do
    number=$((number + 1))
    (judge "$subject" "$roles" "$work/$number" >"$work/$number.verdict") &
    [ $((number % ${JOBS:-$(nproc)})) -ne 0 ] || wait
done <"$work/subjects"
wait

number=0
while IFS=$'\t' read -r subject roles; do
    number=$((number + 1))
    IFS=$'\t' read -r verdict reason <"$work/$number.verdict" || true
    printf '%-23s %s%s%s\n' "$verdict" "$subject" "${reason:+: }" "$reason"
    echo "$verdict" >>"$work/verdicts"
done <"$work/subjects"
echo
sort "$work/verdicts" | uniq -c
if grep -q '^missing plugins' "$work/verdicts"; then
    echo "missing plugins: the tasks listed are the same, but --syntax-check names modules or filters that fcplay does not have"
fi
! grep -q '^different' "$work/verdicts"
