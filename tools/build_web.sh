#!/usr/bin/env bash
# Builds @hearth/web and what it is made of: the engine as WebAssembly, @hearth/core, @hearth/wasm.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/build_wasm.sh
# Not 'npm ci', which refuses a lock file where a mirror lacks packages for other systems.
npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error
npm run --silent build
npm run --silent build-web
