#!/usr/bin/env bash
# Packs libhearth as `cmake --install` lays it out, with its headers: libhearth-VERSION-linux-ARCHITECTURE.tar.gz.
# Usage: tools/release/pack_library.sh x64|arm64, after build.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/release/common.sh
set_architecture "$1"

folder=$scratch/libhearth-$version-linux-$architecture
# Debian's folder for one architecture among several (lib/x86_64-linux-gnu) is of no use in a folder of its own.
cmake --install "build-release-$architecture" --prefix "$folder" > /dev/null
mkdir -p "$folder/share/doc/hearth"
cp LICENSE "$folder/"
cp docs/c.md "$folder/share/doc/hearth/"
python3 tools/release/sbom.py licences "$architecture" "$folder/share/doc/hearth" --library
pack "$folder"
