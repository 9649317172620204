#!/usr/bin/env bash
# Runs the libFuzzer program of one source for FUZZ_SECONDS (4) from the corpus beside that source: what the
# fuzzer finds new stays in the build folder, as does an input that fails. Usage: tools/fuzz.sh BUILD SOURCE
set -euo pipefail
build=$1
source=$2
name=$(basename "$source" .cpp)
program=$build/hearth_$name
corpus=$(dirname "$source")/corpus/${name%_fuzz}
found=$build/fuzz/$name
[ -x "$program" ] || { echo "$name: no program at $program: run './test address' first" >&2; exit 1; }
[ -d "$corpus" ] || { echo "$name: no corpus at $corpus" >&2; exit 1; }
mkdir -p "$found/corpus"
# The words of a language, one to a line, where the input is one.
dictionary=()
if [ -f "$corpus.dict" ]; then dictionary=(-dict="$corpus.dict"); fi

# A single input may take 30 s and 2 GiB: far above what any honest input needs, so that a hang or a runaway allocation
# is a finding. libFuzzer counts by the clock on the wall, and a machine shared with others may stand still for seconds.
if "$program" -max_total_time="${FUZZ_SECONDS:-4}" -timeout=30 -rss_limit_mb=2048 "${dictionary[@]}" \
  -artifact_prefix="$found/" "$found/corpus" "$corpus" > "$found/log" 2>&1; then
  echo "$name: $(grep -E '^Done' "$found/log" | tail -1)"
  exit
fi

# What is needed to find the fault comes last: logs are cut in front.
tail -60 "$found/log"
echo "$name: FAILED: $(grep -m 1 -E 'violated: |runtime error: |ERROR: ' "$found/log")"
input=$(sed -n 's/.*Test unit written to //p' "$found/log" | tail -1)
if [ -f "$input" ]; then echo "$name: the input is $input, in base64: $(base64 --wrap=0 "$input")"; fi
exit 1
