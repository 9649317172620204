#!/usr/bin/env bash
# Runs one libFuzzer program for FUZZ_SECONDS (60) from the corpus beside its source: what the fuzzer finds
# new stays in the build folder, as does an input that crashes it. Usage: tools/fuzz.sh PROGRAM
set -euo pipefail
program=$1
name=$(basename "$program")
name=${name#hearth_}
source=$(find engine -name "$name.cpp")
corpus=$(dirname "$source")/corpus/${name%_fuzz}
found=$(dirname "$program")/fuzz/$name
mkdir -p "$found/corpus"
[ -d "$corpus" ] || { echo "$name: no corpus at $corpus" >&2; exit 1; }
# The words of a language, one to a line, where the input is one.
dictionary=()
if [ -f "$corpus.dict" ]; then dictionary=(-dict="$corpus.dict"); fi

# A single input may take 10 s (under the sanitizer, on a loaded machine) and 2 GiB: far above what any
# honest input needs, so that a hang or a runaway allocation is a finding.
if "$program" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=10 -rss_limit_mb=2048 "${dictionary[@]}" \
  -artifact_prefix="$found/" "$found/corpus" "$corpus" > "$found/log" 2>&1; then
  echo "$name: $(grep -E '^Done' "$found/log" | tail -1)"
else
  tail -60 "$found/log"
  echo "$name: FAILED; the input is in $found/"
  exit 1
fi
