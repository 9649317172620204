#!/usr/bin/env bash
# Builds Hearth, tests it on this machine's GPU by way of CUDA and of Vulkan, and measures it there, in under eight
# minutes: tools/gpu/check.sh [BUILD]
#
# It needs nothing but the checkout and the GPU's driver: what is missing of Debian's and npm's packages is installed,
# where that may be. BUILD is a folder to build in (build-gpu by default); programs that are there already are not built
# again. What does not end in time is ended, and has failed; what was built of it is there the next time.
#
# Prints a table of speeds for a model in the shape of Llama 2 7B in Q4_K_M: how fast the device copies (bytes read and
# written), tokens per second, which share of the copying reading the weights is, and operations per second as a share
# of what NVIDIA says that its matrix units do with bytes; kernels launched for a token, and what takes longest.
#
# Exit code: 0 where all tests pass, 1 where one fails or takes too long, 77 where there is no GPU.
set -euo pipefail
cd "$(dirname "$0")/../.."

build=${1:-build-gpu}
most_seconds=460
SECONDS=0

library_is_there() {
  ldconfig -p 2> /dev/null | grep -q "$1" && return
  IFS=: read -ra folders <<< "${LD_LIBRARY_PATH:-}:/usr/lib:/usr/lib64:/usr/lib/$(uname -m)-linux-gnu"
  for folder in "${folders[@]}"; do
    if [ -n "$folder" ] && [ -e "$folder/$1" ]; then return; fi
  done
  return 1
}

has_gpu() {
  compgen -G '/dev/nvidia[0-9]*' > /dev/null || compgen -G '/dev/dri/renderD*' > /dev/null
}

# within SECONDS COMMAND...: for so long at most, and no longer than there is time for all.
within() {
  local left=$((most_seconds - SECONDS))
  if ((left <= 0)); then
    echo "tools/gpu/check.sh: no time is left for: ${*:2}" >&2
    return 1
  fi
  timeout --kill-after=5 "$((left < $1 ? left : $1))" "${@:2}"
}

failed=0
# tested WHAT SECONDS COMMAND...
tested() {
  local code=0
  within "${@:2}" || code=$?
  if ((code == 0)); then
    echo "passed: $1"
  else
    failed=1
    echo "failed: $1 (exit code $code; 124 is out of time)" >&2
  fi
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

programs=(hearth hearth_compute_test hearth_families_test hearth_copy_benchmark)
build_all() {
  tools/install_packages.sh test
  (cd tools/gpu && npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error)
  cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DHEARTH_TESTS=ON -DHEARTH_BENCHMARKS=ON > /dev/null
  within 360 cmake --build "$build" --target "${programs[@]}"
}
for program in "${programs[@]}"; do
  if [ ! -x "$build/$program" ]; then
    build_all
    break
  fi
done

for device in "${devices[@]}"; do
  HEARTH_TEST_GPU=$device tested "operations by $device" 90 \
    "$build/hearth_compute_test" --gtest_brief=1 --gtest_filter='OnGpu/*:*CudaKernels*'
done

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
model=$folder/7b.gguf
"$build/hearth" make-model llama2-7b "$model" --type Q4_K_M > /dev/null
size=$(stat --format=%s "$model")

# Trillions of operations a second on bytes, without sparsity, by NVIDIA's data sheets; nothing where it is not known.
peak_of() {
  case "$(nvidia-smi --query-gpu=name --format=csv,noheader 2> /dev/null | head -1)" in
    *B200*) echo 4500 ;;
    *H200* | *"H100 80GB HBM3"*) echo 1979 ;;
    *"H100 PCIe"*) echo 1513 ;;
    *A100*) echo 624 ;;
    *L40S*) echo 733 ;;
    *"L4") echo 242 ;;
    *A10 | *A10G) echo 250 ;;
    *"RTX 4090"*) echo 661 ;;
    *"RTX 3090"*) echo 284 ;;
  esac
}

# number KEY: of JSON's number with that key, the first one
number() { sed -n "s/.*\"$1\": \([0-9.e+]*\).*/\1/p" | head -1; }

# launches DEVICE TOKENS: how many kernels a bench of so many tokens launches
launches() {
  within 60 "$build/hearth" bench "$model" --device "$1" -p 0 -n "$2" -r 1 --profile --json 2> /dev/null |
    sed -n 's/.*"calls": \([0-9]*\).*/\1/p' | awk '{ sum += $1 } END { print sum + 0 }'
}

row='%-8s %10s %13s %13s %14s %13s %13s %15s\n'
# shellcheck disable=SC2059 # the format of all rows
heading() {
  printf "$row" device 'copy GB/s' 'decode tok/s' 'weights/copy' 'prefill tok/s' 'prefill TOPS' 'of peak' 'launches/token'
}

measure() {
  local device=$1 copied out prefill decode few many
  copied=$(within 60 "$build/hearth_copy_benchmark" --benchmark_filter="/$device" --benchmark_format=json 2> /dev/null |
    number bytes_per_second)
  out=$(within 90 "$build/hearth" bench "$model" --device "$device" -p 512 -n 64 -r 3 --json) || return 1
  prefill=$(sed -n '/prefillTokensPerSecond/,/}/p' <<< "$out" | number median)
  decode=$(sed -n '/decodeTokensPerSecond/,/}/p' <<< "$out" | number median)
  # Each run is one to warm up and one that counts.
  few=$(launches "$device" 8)
  many=$(launches "$device" 24)
  # Each weight is a multiplication and an addition: 2 * 6.6e9 a token.
  awk -v format="$row" -v device="$device" -v copied="${copied:-0}" -v decode="${decode:-0}" -v prefill="${prefill:-0}" \
    -v size="$size" -v peak="$(peak_of)" -v launched="$((many - few))" 'BEGIN {
    tops = prefill * 13.2e9 / 1e12
    share = copied > 0 ? sprintf("%.0f %%", 100 * decode * size / copied) : "?"
    of_peak = peak > 0 ? sprintf("%.0f %%", 100 * tops / peak) : "?"
    printf format, device, sprintf("%.0f", copied / 1e9), sprintf("%.1f", decode), share, sprintf("%.1f", prefill),
           sprintf("%.2f", tops), of_peak, sprintf("%.1f", launched / 2 / 16) }'
  echo "what takes longest in prompts of 512 tokens, by $device:"
  within 60 "$build/hearth" bench "$model" --device "$device" -p 512 -n 0 -r 1 --profile | grep ' calls ' | head -8
}

heading
for device in "${devices[@]}"; do
  if ! measure "$device"; then
    failed=1
    echo "failed: measuring $device" >&2
  fi
done

HEARTH_TEST_ALL_ON_GPU=1 tested "families of models" 300 \
  "$build/hearth_families_test" --gtest_brief=1 --gtest_filter='*FamilyOnGpu*'
exit $failed
