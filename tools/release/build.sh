#!/usr/bin/env bash
# Builds what a release has of native code, the program, the library, the addon and its GPU library, into
# build-release-ARCHITECTURE.
# Usage: tools/release/build.sh x64|arm64
set -euo pipefail
cd "$(dirname "$0")/../.."

# The options are those of ./test, so that a compiler's cache serves both. The program finds the libraries that it
# brings along beside it (pack_program.sh), and so do these: DT_RPATH holds for them, too, where DT_RUNPATH would not.
options=(
  -DCMAKE_BUILD_TYPE=Release -DHEARTH_TESTS=OFF -DHEARTH_NODE=ON -DHEARTH_VULKAN=ON -DHEARTH_CUDA=ON
  -DHEARTH_WARNINGS_AS_ERRORS=ON
  "-DCMAKE_EXE_LINKER_FLAGS=-Wl,--disable-new-dtags,-rpath,'\$ORIGIN/../lib/hearth'"
)
if command -v ccache > /dev/null; then
  options+=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
fi
case "${1:-}" in
  x64) ;;
  arm64)
    if [ "$(uname --machine)" != aarch64 ]; then
      tools/release/arm64_libraries.sh
      options+=("-DCMAKE_TOOLCHAIN_FILE=$PWD/tools/release/arm64.cmake")
    fi
    ;;
  *) echo "usage: $0 x64|arm64" >&2; exit 2 ;;
esac
# The headers of Node.js, and what makes GPUs' kernels. Not 'npm ci', which refuses a lock file where a mirror lacks
# packages for other systems.
for folder in bindings/node tools/gpu; do
  (cd "$folder" && npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error > /dev/null)
done
cmake -S . -B "build-release-$1" -G Ninja "${options[@]}" > /dev/null
cmake --build "build-release-$1" --parallel "$(nproc)" --target hearth hearth_shared hearth_node hearth_gpu
