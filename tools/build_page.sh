#!/usr/bin/env bash
# Makes the page that `hearth serve` has at / from examples/chat, for which the program's own build has no tools:
# apps/serve/page/built is part of the repository. With --check it only says whether that is what the sources give.
# Needs Node.js 22 or newer. Usage: tools/build_page.sh [--check]
set -euo pipefail
cd "$(dirname "$0")/.."
# Not 'npm ci', which refuses a lock file where a mirror lacks packages for other systems.
for folder in . examples/chat; do
  (cd "$folder" && npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error > /dev/null)
done
npx tsc --build packages/core
(cd examples/chat && npx vite build --mode server --logLevel=error)
built=apps/serve/page/built
if [ "${1:-}" = --check ]; then
  diff --recursive --brief examples/chat/dist-server "$built" || {
    echo "$built is not what examples/chat gives: run tools/build_page.sh" >&2
    exit 1
  }
else
  cp examples/chat/dist-server/* "$built/"
fi
# Every visitor loads all of it, uncompressed: half is the reader of Markdown, a fourth @hearth/core, the rest the page.
most=125000
size=$(cat "$built"/* | wc --bytes)
[ "$size" -le "$most" ] || { echo "$built has $size bytes; $most is the most" >&2; exit 1; }
