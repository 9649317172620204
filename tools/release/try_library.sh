#!/usr/bin/env bash
# Unpacks the packed library, has pkg-config find it for a program in C, and runs that.
# Usage: tools/release/try_library.sh x64|arm64
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/release/common.sh
set_architecture "$1"

root=$PWD
tar --extract --file "$release/libhearth-$version-linux-$architecture.tar.gz" --directory "$scratch"
cd "$scratch"
library=$(echo "$PWD"/libhearth-*)
export PKG_CONFIG_PATH=$library/lib/pkgconfig
[ "$(pkg-config --modversion hearth)" = "$version" ]
read -ra flags <<< "$(pkg-config --cflags --libs hearth)"
[ -z "$system_root" ] || flags+=("--sysroot=$system_root")
of_machine gcc "$root/examples/c/ask.c" -o ask "${flags[@]}" "-Wl,-rpath,$library/lib"
answer=$("${runner[@]}" ./ask "$root/models/hearth-spark.gguf" \
  '{"messages": [{"role": "user", "content": "What is 37 + 48?"}]}')
[ "$answer" = '37 + 48 = 85.' ] || { echo "it answered: $answer" >&2; exit 1; }
