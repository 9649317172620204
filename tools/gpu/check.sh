#!/usr/bin/env bash
# Builds Hearth, tests it on this machine's GPU by way of CUDA and of Vulkan, and measures it there, in under eight
# minutes: tools/gpu/check.sh [BUILD]
#
# It needs nothing but the checkout and the GPU's driver: what is missing of Debian's and npm's packages is installed,
# where that may be. BUILD is a folder to build in (build-gpu by default); programs that are there already are not built
# again. Prints a table of speeds: how fast the device copies (bytes read and written), tokens per second of a model in
# the shape of Llama 2 7B in Q4_K_M, which share of the copying reading its weights is, and operations per second.
#
# Exit code: 0 where all tests pass, 1 where one fails, 77 where there is no GPU.
set -euo pipefail
cd "$(dirname "$0")/../.."

build=${1:-build-gpu}

library_is_there() { ldconfig -p | grep -q "$1" || ls /usr/lib*/*/"$1" /usr/lib*/"$1" > /dev/null 2>&1; }

has_gpu() {
  compgen -G '/dev/nvidia[0-9]*' > /dev/null || compgen -G '/dev/dri/renderD*' > /dev/null
}

if ! has_gpu; then
  echo "tools/gpu/check.sh: no GPU here (neither /dev/nvidia0 nor /dev/dri/renderD128): nothing was tested" >&2
  exit 77
fi
devices=()
if library_is_there libcuda.so.1; then devices+=(cuda); fi
if library_is_there libvulkan.so.1; then devices+=(vulkan); fi
if [ ${#devices[@]} -eq 0 ]; then
  echo "tools/gpu/check.sh: there is a GPU, but no driver (neither libcuda.so.1 nor libvulkan.so.1)" >&2
  exit 77
fi

if [ ! -x "$build/hearth_compute_test" ] || [ ! -x "$build/hearth" ]; then
  tools/install_packages.sh test
  (cd tools/gpu && npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error)
  cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DHEARTH_TESTS=ON -DHEARTH_BENCHMARKS=ON -DHEARTH_CUDA=ON > /dev/null
  cmake --build "$build" --target hearth hearth_compute_test hearth_families_test hearth_copy_benchmark
fi

failed=0
for device in "${devices[@]}"; do
  HEARTH_TEST_GPU=$device "$build/hearth_compute_test" --gtest_brief=1 --gtest_filter='OnGpu/*' || failed=1
done
HEARTH_TEST_ALL_ON_GPU=1 "$build/hearth_families_test" --gtest_brief=1 --gtest_filter='*FamilyOnGpu*' || failed=1

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$build/hearth" make-model llama2-7b "$folder/7b.gguf" --type Q4_K_M > /dev/null
size=$(stat --format=%s "$folder/7b.gguf")

# of JSON's number with that key, the first one
number() { sed -n "s/.*\"$1\": \([0-9.]*\).*/\1/p" | head -1; }

printf '%-8s %10s %14s %14s %14s %15s\n' device 'copy GB/s' 'decode tok/s' 'weights/copy' 'prefill tok/s' 'prefill TFLOPS'
for device in "${devices[@]}"; do
  copied=$("$build/hearth_copy_benchmark" --benchmark_filter="/$device" --benchmark_format=json 2> /dev/null |
    sed -n 's/.*"bytes_per_second": \([0-9.e+]*\).*/\1/p' | head -1)
  out=$("$build/hearth" bench "$folder/7b.gguf" --device "$device" -p 512 -n 64 -r 3 --json) || { failed=1; continue; }
  prefill=$(sed -n '/prefillTokensPerSecond/,/}/p' <<< "$out" | number median)
  decode=$(sed -n '/decodeTokensPerSecond/,/}/p' <<< "$out" | number median)
  # Each weight is a multiplication and an addition: 2 * 6.6e9 a token.
  awk -v device="$device" -v copied="${copied:-0}" -v decode="$decode" -v prefill="$prefill" -v size="$size" 'BEGIN {
    share = copied > 0 ? sprintf("%.0f %%", 100 * decode * size / copied) : "?"
    printf "%-8s %10.0f %14.1f %14s %14.1f %15.2f\n",
           device, copied / 1e9, decode, share, prefill, prefill * 13.2e9 / 1e12 }'
done
exit $failed
