// Integers in vectors of 128 bits for 64-bit ARM with products of 8-bit matrices, beside those of the dot
// product extension.
#include "engine/compute/cpu/matrix/integers_neon_dot-inl.h"

namespace hearth::cpu {
namespace {

/// Two rows of eight bytes by two others: lane 2i + j of the sum gains the products of row i of x with row j
/// of the weights.
inline Ints multiply_pairs(Ints sum, Bytes x, Bytes weights) {
  return vmmlaq_s32(sum, vreinterpretq_s8_s32(x), vreinterpretq_s8_s32(weights));
}

}  // namespace
}  // namespace hearth::cpu
