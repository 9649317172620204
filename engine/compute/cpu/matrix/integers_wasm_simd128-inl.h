// Dot products in plain SIMD of WebAssembly: bytes are widened to 16 bits, pairs of which one instruction
// multiplies.
#include "engine/compute/cpu/matrix/integers_wasm-inl.h"

namespace hearth::cpu {
namespace {

constexpr int kSignedOffset = 0;

/// Unsigned weights are at most 63, so both kinds are the same bytes.
template <bool is_signed>
inline Ints dot(Ints sum, Bytes weights, Bytes x) {
  const Ints low = wasm_i32x4_dot_i16x8(wasm_i16x8_extend_low_i8x16(weights), wasm_i16x8_extend_low_i8x16(x));
  const Ints high =
      wasm_i32x4_dot_i16x8(wasm_i16x8_extend_high_i8x16(weights), wasm_i16x8_extend_high_i8x16(x));
  sum = add(sum, add(low, high));
  keep_order(sum);
  return sum;
}

constexpr PanelBytes kPanelBytes = PanelBytes::kSigned;

// Of 16 registers at best: 4 sums and 2 weights, each twice as wide, and an input.
constexpr int kTileInputs = 2;
constexpr int kTilePanels = 2;

}  // namespace
}  // namespace hearth::cpu
