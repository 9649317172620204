#!/usr/bin/env bash
# Builds the engine for WebAssembly: tools/build_wasm.sh [simd128|threads|threads64|workflow|tests...], by default all
# of them but the tests of the kernels.
#
# The modules go to packages/wasm/modules/hearth-<name>.{mjs,wasm}; the builds are in build/wasm32 and build/wasm64, one
# for each size of an address. The compiler is set up where it is missing (tools/setup_emscripten.sh). docs/wasm.md says
# what the modules are.
set -euo pipefail
cd "$(dirname "$0")/.."

names=("$@")
[ "${#names[@]}" -gt 0 ] || names=(simd128 threads threads64 workflow)

environment=$(tools/setup_emscripten.sh)
# shellcheck source=/dev/null
. "$environment"
if command -v ccache > /dev/null; then export EM_COMPILER_WRAPPER=ccache; fi

# build BITS TESTS TARGET...: builds the targets together, with TESTS=ON those of the kernels, too.
build() {
  local folder=build/wasm$1
  cmake -S . -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=Release -DHEARTH_WASM="$1" -DHEARTH_TESTS="$2" \
    -DHEARTH_WARNINGS_AS_ERRORS=ON \
    -DCMAKE_TOOLCHAIN_FILE="$EMSCRIPTEN_ROOT/cmake/Modules/Platform/Emscripten.cmake" > /dev/null
  # Compilers and linkers take gigabytes: in huge pages, where the system gives these, that is a sixth less time.
  GLIBC_TUNABLES=glibc.malloc.hugetlb=1 cmake --build "$folder" --target "${@:3}"
}

tests=OFF
targets32=()
targets64=()
modules=()
for name in "${names[@]}"; do
  case $name in
    tests) tests=ON; targets32+=(hearth_compute_test) ;;
    threads64) targets64+=(hearth-threads64); modules+=(build/wasm64/hearth-threads64.{mjs,wasm}) ;;
    *) targets32+=("hearth-$name"); modules+=("build/wasm32/hearth-$name".{mjs,wasm}) ;;
  esac
done
[ "${#targets32[@]}" -eq 0 ] || build 32 "$tests" "${targets32[@]}"
[ "${#targets64[@]}" -eq 0 ] || build 64 OFF "${targets64[@]}"
mkdir -p packages/wasm/modules
[ "${#modules[@]}" -eq 0 ] || cp "${modules[@]}" packages/wasm/modules/
