#!/usr/bin/env bash
# Builds the documentation as a site for any static host, with the chat page and the playground: site/dist. What it
# needs at use is all in there; nothing is asked of another host.
# --base /PATH/ is for a site that lies under a path of its host; --built says that tools/build_web.sh has just been run.
# Needs Node.js 22 or newer. Usage: tools/build_site.sh [--base /PATH/] [--built]
set -euo pipefail
cd "$(dirname "$0")/.."

base=/
is_built=
while [ $# -gt 0 ]; do
  case "$1 ${2:-}" in
    --base\ / | --base\ /*/) base=$2; shift 2 ;;
    --built\ *) is_built=1; shift ;;
    *) echo "usage: $0 [--base /PATH/] [--built]" >&2; exit 2 ;;
  esac
done

[ -n "$is_built" ] || tools/build_web.sh
# Not 'npm ci', which refuses a lock file where a mirror lacks packages for other systems.
for folder in examples/chat site; do
  (cd "$folder" && npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error > /dev/null)
done

pages=site/pages
rm -rf "$pages"
node site/generate/pages.mjs "$pages"
mkdir -p "$pages/public" "$pages/api/c" "$pages/api/python"
cp site/api/index.md "$pages/api/"
for header in hearth hearth_gpu hearth_workflow; do
  node site/generate/c_reference.mjs "engine/$header.h" > "$pages/api/c/$header.md"
done
python3 site/generate/python_reference.py python/src/hearth > "$pages/api/python/hearth.md"
(cd site && npx typedoc --options generate/typedoc.json --logLevel Warn --out pages/api/typescript)

(cd examples/chat && npx vite build --logLevel=error --outDir ../../site/pages/public/chat --emptyOutDir)
cp examples/chat/public/icon.svg "$pages/public/"
mkdir -p "$pages/public/hearth" "$pages/public/models"
cp -r packages/web/dist packages/web/wasm "$pages/public/hearth/"
rm -rf "$pages/public/hearth/dist/types" "$pages/public/hearth/dist/"*.tsbuildinfo
cp models/hearth-spark.gguf "$pages/public/models/"
node site/generate/scripts.mjs "$pages/public"
(cd site && SITE_BASE=$base npx vitepress build)
