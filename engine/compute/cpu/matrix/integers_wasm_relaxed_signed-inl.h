// Dot products in relaxed SIMD of WebAssembly where the machine takes the second operand for signed bytes of
// 8 bits (64-bit ARM with the dot product extension, x86 with AVX-VNNI-INT8).
#include "engine/compute/cpu/matrix/integers_wasm_relaxed-inl.h"

namespace hearth::cpu {
namespace {

constexpr int kSignedOffset = 0;

/// Unsigned weights are at most 63, so both kinds are the same bytes.
template <bool /*is_signed*/>
inline Ints dot(Ints sum, Bytes weights, Bytes x) {
  sum = wasm_i32x4_relaxed_dot_i8x16_i7x16_add(x, weights, sum);
  keep_order(sum);
  return sum;
}

constexpr PanelBytes kPanelBytes = PanelBytes::kSigned;

}  // namespace
}  // namespace hearth::cpu
