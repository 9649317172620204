#!/usr/bin/env bash
# Makes every file of a release that this machine can make, into release/, then installs each into an empty place and uses
# it. docs/releasing.md says how a release is made from them.
#
#   tools/release.sh            of the version that the repository has (tools/set_version.mjs)
#   tools/release.sh VERSION    the same, but only if that is its version: what a tag calls
#   tools/release.sh --check    checks and uses what is in release/ already
#
# Needs Debian 12 on x86-64 and Node.js 22 or newer for what Vite builds; packages that are missing are installed.
# ARCHITECTURES=x64 leaves out arm64, which is cross-compiled and takes as long again.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/release/common.sh
read -ra architectures <<< "${ARCHITECTURES:-x64 arm64}"

# What is in this folder, but the list itself.
files() { find . -type f ! -name SHA256SUMS -printf '%P\n' | sort; }

say() { printf '\n=== %s\n' "$*"; }

make_all() {
  local architecture
  tools/install_packages.sh release
  rm -rf "$release"
  for architecture in "${architectures[@]}"; do
    say "Building for $architecture"
    tools/release/build.sh "$architecture"
  done
  say 'Building for browsers'
  tools/build_bundle.sh
  say 'Packing'
  for architecture in "${architectures[@]}"; do
    tools/release/pack_program.sh "$architecture"
    tools/release/pack_library.sh "$architecture"
  done
  tools/release/pack_npm.sh "${architectures[@]}"
  tools/release/pack_python.sh "${architectures[@]}"
  tools/release/pack_container.sh "${architectures[@]}"
  tools/release/notes.sh > "$release/notes.md"
  python3 tools/release/sbom.py write "$release" > "$scratch/sbom"
  mv "$scratch/sbom" "$release/sbom.cdx.json"
  (cd "$release" && files | xargs sha256sum > "$scratch/sums" && mv "$scratch/sums" SHA256SUMS)
}

check_all() {
  local architecture
  say 'Checking'
  [ -f "$release/SHA256SUMS" ] || { echo "there is no release/: tools/release.sh makes it" >&2; exit 1; }
  (cd "$release" && sha256sum --check --quiet SHA256SUMS)
  diff <(cd "$release" && files) <(sed 's/^[^ ]*  //' "$release/SHA256SUMS")
  for architecture in "${architectures[@]}"; do
    echo "the program for $architecture" && tools/release/try_program.sh "$architecture"
    echo "the library for $architecture" && tools/release/try_library.sh "$architecture"
  done
  echo 'the npm packages' && tools/release/try_npm.sh
  echo 'the wheel and the sources in Python' && tools/release/try_python.sh
  echo 'the container' && tools/release/try_container.sh
}

node tools/set_version.mjs --check
case "${1:-}" in
  --check) check_all ;;
  '' | "$version")
    make_all
    check_all
    ;;
  *) echo "the version is $version, not $1: node tools/set_version.mjs $1 sets it" >&2; exit 2 ;;
esac
say 'The release'
(cd "$release" && find . -type f -printf '%10s  %P\n' | sort --key 2)
