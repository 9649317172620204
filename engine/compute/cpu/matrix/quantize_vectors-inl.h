// What quantize_row-inl.h is made of, on vectors: what quantize_plain-inl.h says in plain C++. Included after
// an instruction set's vectors and dot products.
#include "engine/compute/cpu/matrix/input_chunk.h"

namespace hearth::cpu {
namespace {

constexpr int kBlockVectors = kInputBlock / kLanes;

/// Four numbers, as a vector of the compiler's.
using Quad = int32_t __attribute__((vector_size(16)));

/// Of each lane of a block.
inline Ints lane_magnitudes(const float* x) {
  Ints magnitudes = zero_ints();
  for (int i = 0; i < kBlockVectors; ++i) {
    const Ints bits = bit_and(as_ints(load(x + i * kLanes)), splat_ints(0x7FFFFFFF));
    magnitudes = max_ints(magnitudes, bits);
  }
  return magnitudes;
}

/// Four blocks at a time: turned, their lanes are compared in fewer steps than one by one.
inline void find_largest_magnitudes(const float* x, int blocks, int32_t* largest) {
  for (int first = 0; first < blocks; first += 4) {
    Ints of[4];
    for (int b = 0; b < 4; ++b) {
      of[b] = first + b < blocks ? lane_magnitudes(x + (first + b) * kInputBlock) : zero_ints();
    }
    const Ints two = max_ints(interleave_low(of[0], of[1]), interleave_high(of[0], of[1]));
    const Ints others = max_ints(interleave_low(of[2], of[3]), interleave_high(of[2], of[3]));
    const Ints four = max_ints(interleave_low_pairs(two, others), interleave_high_pairs(two, others));
    float lanes[kLanes];
    store(lanes, as_f32(four));
    Quad so_far{};
    for (int q = 0; q < kQuads; ++q) {
      Quad quad;
      __builtin_memcpy(&quad, lanes + 4 * q, sizeof quad);
      so_far = quad > so_far ? quad : so_far;
    }
    __builtin_memcpy(largest + first, &so_far, sizeof so_far);
  }
}

inline void round_products(const float* x, float factor, int8_t* values) {
  Ints rounded[kBlockVectors];
  for (int i = 0; i < kBlockVectors; ++i) {
    rounded[i] = round_to_ints(load(x + i * kLanes) * broadcast(factor));
  }
  store_as_bytes(values, rounded);
}

/// Of the values of every group of a chunk.
inline void sum_groups(const int8_t* values, int32_t* sums) {
  for (int first = 0; first < kChunkGroups; first += 4 * kQuads) {
    // Of quad q the sums of fours of group first + 4q + i, so that the last sums are in order.
    const auto sum_fours = [=](int i) {
      const auto piece = [=](int q) { return load_piece(values + (first + 4 * q + i) * kInputGroup); };
      return dot<false>(zero_ints(), splat_bytes(1), join_pieces(piece));
    };
    const Ints two = add_neighbours<4 * 127>(sum_fours(0), sum_fours(1));
    const Ints others = add_neighbours<4 * 127>(sum_fours(2), sum_fours(3));
    const F32 four = as_f32(add_neighbours<8 * 127>(two, others));
    __builtin_memcpy(sums + first, &four.lanes, sizeof four.lanes);
  }
}

}  // namespace
}  // namespace hearth::cpu
