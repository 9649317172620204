#!/usr/bin/env bash
# Packs the npm packages that are not private: NAME-VERSION.tgz. Each gets the licence and, to be read on npm, its page of
# docs/; and, where GITHUB_REPOSITORY says which, the repository, without which npm takes no provenance.
# Usage: tools/release/pack_npm.sh ARCHITECTURE..., those of native code, after build.sh and tools/build_bundle.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/release/common.sh

mkdir -p "$release"

# readme_of NAME: its page, or that of what it is a part of, or its description. Links lead to the repository.
readme_of() {
  local page=docs/$1.md links=${GITHUB_REPOSITORY:+https://github.com/$GITHUB_REPOSITORY/blob/v$version}
  case $1 in stores | svelte | vue) page=docs/react.md ;; node-gpu) page=docs/gpu.md ;; esac
  if [ -f "$page" ]; then
    sed "${links:+s|](\([a-z-]*\.md\)|]($links/docs/\1|g; s|](\.\./|]($links/|g}" "$page"
  else
    node -p "const { name, description } = require('./packages/$1/package.json'); \`# \${name}\n\n\${description}.\`"
  fi
}
for folder in packages/*; do
  name=${folder#packages/}
  [ "$(node -p "require('./$folder/package.json').private")" != true ] || continue
  staged=$scratch/$name
  mkdir "$staged"
  tar --create --exclude=./node_modules --exclude=./native --directory "$folder" . |
    tar --extract --directory "$staged"
  cp LICENSE "$staged/"
  readme_of "$name" > "$staged/README.md"
  case $name in node) native=hearth.node ;; node-gpu) native=libhearth_gpu.so ;; *) native= ;; esac
  if [ -n "$native" ]; then
    for architecture in "$@"; do
      mkdir -p "$staged/native/linux-$architecture"
      cp "build-release-$architecture/$native" "$staged/native/linux-$architecture/"
    done
  fi
  # The smallest model, which the applications that it starts begin with.
  [ "$name" != create-hearth ] || cp models/hearth-spark.gguf "$staged/model.gguf"
  if [ -n "${GITHUB_REPOSITORY:-}" ]; then
    (cd "$staged" && npm pkg set repository.type=git "repository.url=git+https://github.com/$GITHUB_REPOSITORY.git" \
      "repository.directory=$folder" "homepage=https://github.com/$GITHUB_REPOSITORY#readme")
  fi
  # The modes in an archive are those of the files.
  chmod -R go=rX,u+rw "$staged"
  (cd "$staged" && npm pack --silent --pack-destination "$release" > /dev/null)
done
