#!/usr/bin/env bash
# Builds what `hearth bundle` puts beside a model, into build/share/hearth/web, where build/hearth finds it: @hearth/web
# with the engine as WebAssembly, the service worker, the chat page. An installed program looks in share/hearth/web of its
# prefix. Needs Node.js 22 or newer. Usage: tools/build_bundle.sh
set -euo pipefail
cd "$(dirname "$0")/.."
tools/build_web.sh
npm run --silent build -w @hearth/bundle
# Not 'npm ci', which refuses a lock file where a mirror lacks packages for other systems.
(cd examples/chat && npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error > /dev/null)
for mode in bundle single bundle-workflow single-workflow; do
  (cd examples/chat && npx vite build --mode "$mode" --logLevel=error)
done
node packages/bundle/assemble.mjs build/share/hearth/web
