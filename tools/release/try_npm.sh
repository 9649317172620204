#!/usr/bin/env bash
# Installs the packed npm packages into an empty project: an answer in Node.js, the GPU or what it lacks, a page bundled by
# Vite, types by tsc.
# Usage: tools/release/try_npm.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/release/common.sh

root=$PWD
npm_install .
npm_install examples/chat
cp tools/release/try_npm/* "$scratch/"
cd "$scratch"
# Ours come from the files alone; what they ask for of others, and React, comes from npm.
npm install --ignore-scripts --no-audit --no-fund --loglevel=error "$release"/*.tgz react@19.3.1 @types/react@19.3.3 \
  > /dev/null
! grep --quiet '"link": true' package-lock.json || { echo "a package was not installed but linked" >&2; exit 1; }

for ask in 'node ask.mjs' 'npx --no-install hearth run --temperature 0'; do
  answer=$($ask "$root/models/hearth-spark.gguf" 'What is 37 + 48?')
  [ "$answer" = '37 + 48 = 85.' ] || { echo "$ask answered: $answer" >&2; exit 1; }
done

node gpu.mjs "$root/models/hearth-spark.gguf" 'What is 37 + 48?'

npx --no-install create-hearth app --template vanilla > /dev/null
for file in package.json public/model.gguf; do
  [ -f "app/$file" ] || { echo "it made no application:" >&2; find app >&2; exit 1; }
done

node "$root/node_modules/typescript/bin/tsc" --project .
# Vite needs a Node.js newer than Debian 12's.
"${NODE_FOR_VITE:-node}" "$root/examples/chat/node_modules/vite/bin/vite.js" build --logLevel=error
for part in index.html 'assets/worker-*.js' 'assets/hearth-simd128-*.wasm' 'assets/hearth-threads-*.wasm'; do
  # shellcheck disable=SC2086 # a pattern
  compgen -G "dist/$part" > /dev/null || { echo "the page lacks $part; it has:" >&2; find dist -type f >&2; exit 1; }
done
