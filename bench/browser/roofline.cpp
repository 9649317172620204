// What WebAssembly can do at most: plain loops without memory, to hold the engine's figures against. Compiled
// once with relaxed SIMD and once without (run.mjs builds both). Each function returns operations done, a
// multiplication and an addition counting as one each.
#include <emscripten.h>
#include <wasm_simd128.h>

#include <cstdint>

namespace {

/// Enough sums under way for an instruction of six cycles' latency that starts twice in each.
constexpr int kSums = 12;

template <typename Step>
int32_t repeat(double steps, Step step) {
  v128_t sums[kSums];
  for (int i = 0; i < kSums; ++i) sums[i] = wasm_i32x4_splat(i);
  for (int64_t n = 0; n < static_cast<int64_t>(steps); ++n) {
    _Pragma("unroll") for (int i = 0; i < kSums; ++i) sums[i] = step(sums[i]);
  }
  v128_t total = sums[0];
  for (int i = 1; i < kSums; ++i) total = wasm_i32x4_add(total, sums[i]);
  return wasm_i32x4_extract_lane(total, 0);
}

volatile int32_t sink;
volatile int8_t seed = 3;

}  // namespace

extern "C" {

/// Products of 8-bit numbers, the fastest way that this module has.
EMSCRIPTEN_KEEPALIVE double int8_products(double steps) {
  const v128_t a = wasm_i8x16_splat(seed);
  const v128_t b = wasm_i8x16_splat(static_cast<int8_t>(seed + 1));
#if defined(__wasm_relaxed_simd__)
  sink = repeat(steps, [&](v128_t sum) { return wasm_i32x4_relaxed_dot_i8x16_i7x16_add(a, b, sum); });
  return steps * kSums * 32;
#else
  // As 16-bit numbers, which they would have been widened to before.
  sink = repeat(
      steps, [&](v128_t sum) { return wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(wasm_v128_xor(a, sum), b)); });
  return steps * kSums * 16;
#endif
}

}  // extern "C"
