#!/usr/bin/env bash
# Feeds made-up input to everything that reads what others wrote: fuzz.sh [SECONDS [TARGET…]], 600 seconds each target
# and all targets unless said otherwise. Ends with 1 when a target panicked, hung or took too much memory.
set -euo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$project"
seconds=${1:-600}
[ $# -eq 0 ] || shift
case $seconds in '' | *[!0-9]*) echo "usage: $0 [SECONDS [TARGET…]]" >&2; exit 2 ;; esac
known=$(sed -n 's/^name = "\(.*\)"$/\1/p' fuzz/Cargo.toml | grep -v '^fcplay-fuzz$')
targets=${*:-$known}
for target in $targets; do
    grep -qx "$target" <<<"$known" || { echo "there is no target $target; there are: $(paste -sd ' ' <<<"$known")" >&2; exit 2; }
done

# What a target has learned, and what it found; both stay for the next time.
learned=$project/target/fuzz-corpus
found=$project/target/fuzz-findings
# Without a sanitizer (there is no unsafe code to watch over) the toolchain of the project will do: no nightly.
options=(--sanitizer none --target-dir target/fuzz)

# --- what it needs: libFuzzer is compiled from the crate libfuzzer-sys ---

integration/install.sh c++:g++
cargo fuzz --version >/dev/null 2>&1 || cargo install --locked cargo-fuzz
cp Cargo.lock fuzz/Cargo.lock

# --- one target ---

dictionary() {
    case $1 in
    template) echo fuzz/dictionaries/template.dict ;;
    arguments | inventory_yaml | playbook | yaml) echo fuzz/dictionaries/yaml.dict ;;
    esac
}

# Prints a row of the table.
fuzz() {
    local target=$1 words log result=0
    words=$(dictionary "$target")
    log=$found/$target.log
    mkdir -p "$learned/$target" "$found/$target"
    nice -n 10 cargo fuzz run "${options[@]}" "$target" "$learned/$target" "fuzz/corpus/$target" -- \
        -max_total_time="$seconds" -timeout=5 -rss_limit_mb=512 -max_len=4096 -print_final_stats=1 \
        ${words:+"-dict=$words"} "-artifact_prefix=$found/$target/" >"$log" 2>&1 || result=$?
    printf '| %s | %s | %s | %s | %s |\n' "$target" \
        "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
        "$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")" \
        "$(grep -o ' cov: [0-9]*' "$log" | tail -1 | tr -dc 0-9)" \
        "$(if [ $result -eq 0 ]; then echo none; else echo one; fi)"
    [ $result -ne 0 ] || return 0
    local file
    file=$(sed -n 's/.*Test unit written to //p' "$log" | tail -1)
    {
        grep -m 3 -E 'panicked at|ERROR: libFuzzer|SUMMARY' "$log" || tail -20 "$log"
        grep -A 3 -m 1 'panicked at' "$log" | tail -n +2 || true
        if [ -n "$file" ]; then
            echo "found: $file; all of the output: $log"
            echo "again: cargo fuzz run ${options[*]} $target $file"
            echo "keep:  mkdir -p tests/data/fuzz/$target && cp $file tests/data/fuzz/$target/NAME && cargo test --test main fuzz"
        fi
    } >&2
    return 1
}

# --- all of them ---

nice -n 10 cargo fuzz build "${options[@]}"
failed=0
printf '| target | inputs | a second | edges | findings |\n|---|---|---|---|---|\n'
for target in $targets; do
    fuzz "$target" || failed=1
done
exit $failed
