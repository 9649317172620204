#!/usr/bin/env bash
# Builds the engine for WebAssembly: tools/build_wasm.sh [simd128|threads|threads64...], by default all three.
#
# The modules go to packages/wasm/modules/hearth-<name>.{mjs,wasm}; the builds are in build/wasm-<name>. The compiler
# is set up where it is missing (tools/setup_emscripten.sh). docs/wasm.md says what the modules are.
set -euo pipefail
cd "$(dirname "$0")/.."

modules=("$@")
[ "${#modules[@]}" -gt 0 ] || modules=(simd128 threads threads64)

environment=$(tools/setup_emscripten.sh)
# shellcheck source=/dev/null
. "$environment"
if command -v ccache > /dev/null; then export EM_COMPILER_WRAPPER=ccache; fi

mkdir -p packages/wasm/modules
for module in "${modules[@]}"; do
  folder=build/wasm-$module
  cmake -S . -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=Release -DHEARTH_TESTS=OFF -DHEARTH_WASM="$module" \
    -DHEARTH_WARNINGS_AS_ERRORS=ON \
    -DCMAKE_TOOLCHAIN_FILE="$EMSCRIPTEN_ROOT/cmake/Modules/Platform/Emscripten.cmake" > /dev/null
  cmake --build "$folder" --target hearth_wasm
  cp "$folder/hearth-$module.mjs" "$folder/hearth-$module.wasm" packages/wasm/modules/
done
