#!/usr/bin/env bash
# Unpacks the packed program in an empty folder, away from this repository, and uses it.
# Usage: tools/release/try_program.sh x64|arm64
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/release/common.sh
set_architecture "$1"

tar --extract --file "$release/hearth-$version-linux-$architecture.tar.gz" --directory "$scratch"
cd "$scratch"/hearth-*
hearth() { env --ignore-environment HOME="$scratch" PATH=/usr/bin:/bin "${runner[@]}" bin/hearth "$@"; }

[ "$(hearth --version)" = "$version" ]
answer=$(hearth run "What is 37 + 48?" --temperature 0)
[ "$answer" = '37 + 48 = 85.' ] || { echo "it answered: $answer" >&2; exit 1; }
hearth bundle --output "$scratch/site" > "$scratch/log" 2>&1 || { cat "$scratch/log" >&2; exit 1; }
[ -f "$scratch/site/service_worker.js" ] && [ -f "$scratch/site/model/manifest.json" ]

# What it brings along is what it runs with, though this machine may have its own.
traced=(env LD_TRACE_LOADED_OBJECTS=1)
[ "${#runner[@]}" -eq 0 ] || traced=("${runner[@]}" -E LD_TRACE_LOADED_OBJECTS=1)
"${traced[@]}" bin/hearth > "$scratch/loaded"
for library in lib/hearth/*; do
  grep --quiet --fixed-strings "=> $PWD/bin/../$library " "$scratch/loaded" || { cat "$scratch/loaded" >&2; exit 1; }
done
