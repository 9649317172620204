// Dot products in relaxed SIMD of WebAssembly where the machine takes the second operand for unsigned bytes
// of 8 bits (x86 with AVX-VNNI).
#include "engine/compute/cpu/matrix/integers_wasm_relaxed-inl.h"

namespace hearth::cpu {
namespace {

/// Signed weights are multiplied as the unsigned w + 128, so the sum is too large by 128 * sum(x).
constexpr int kSignedOffset = 128;

template <bool is_signed>
inline Ints dot(Ints sum, Bytes weights, Bytes x) {
  if constexpr (is_signed) weights = wasm_v128_xor(weights, splat_bytes(-128));
  sum = wasm_i32x4_relaxed_dot_i8x16_i7x16_add(x, weights, sum);
  keep_order(sum);
  return sum;
}

constexpr PanelBytes kPanelBytes = PanelBytes::kUnsigned;

}  // namespace
}  // namespace hearth::cpu
