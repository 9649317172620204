// The stored blocks of every quantised type, byte for byte as they lie in a GGUF file.
//
// A tensor may start at any byte (a file can ask for an alignment of 1), so every struct is packed: its
// members may be read in place wherever a block lies. Multi-byte members are little-endian. Names follow
// ggml:
//   d        scale of the block, an f16 in a uint16_t (engine/base/half.h) unless said otherwise
//   m, dmin  minimum (offset) of the block, or the scale of its sub-blocks' minima
//   qs       quantised values, or their low bits;  qh: their high bits
//   scales   the sub-blocks' own scales
// What the bits mean is written where they are decoded: decode_*.cpp.
#pragma once

#include <cstdint>

namespace hearth {

/// Elements of a "super-block": the K, IQ and ternary types.
inline constexpr int kSuperBlock = 256;

// Blocks of 32: one scale each. Element i is the low nibble of qs[i], element i + 16 the high one.

struct [[gnu::packed]] BlockQ4_0 {  // d * (q - 8)
  uint16_t d;
  uint8_t qs[16];
};

struct [[gnu::packed]] BlockQ4_1 {  // d * q + m
  uint16_t d;
  uint16_t m;
  uint8_t qs[16];
};

struct [[gnu::packed]] BlockQ5_0 {  // d * (q - 16); bit i of qh is the fifth bit of element i
  uint16_t d;
  uint8_t qh[4];
  uint8_t qs[16];
};

struct [[gnu::packed]] BlockQ5_1 {  // d * q + m
  uint16_t d;
  uint16_t m;
  uint8_t qh[4];
  uint8_t qs[16];
};

struct [[gnu::packed]] BlockQ8_0 {  // d * q
  uint16_t d;
  int8_t qs[32];
};

struct [[gnu::packed]] BlockQ8_1 {  // d * q; s = d * sum(q), for products with a type that has a minimum
  uint16_t d;
  uint16_t s;
  int8_t qs[32];
};

struct [[gnu::packed]] BlockIQ4_NL {  // d * level[q], sixteen uneven levels
  uint16_t d;
  uint8_t qs[16];
};

struct [[gnu::packed]] BlockMXFP4 {  // 2^(e - 127) * an FP4 (E2M1) value; OCP Microscaling Formats 1.0
  uint8_t e;
  uint8_t qs[16];
};

// K types: super-blocks of 256 with sub-blocks of 16 or 32, whose scales are quantised themselves.

struct [[gnu::packed]] BlockQ2_K {  // 16 sub-blocks; scales: low nibble scale, high nibble minimum
  uint8_t scales[16];
  uint8_t qs[64];
  uint16_t d;
  uint16_t dmin;
};

struct [[gnu::packed]] BlockQ3_K {  // 16 sub-blocks; hmask: third bit of each element; 6-bit scales
  uint8_t hmask[32];
  uint8_t qs[64];
  uint8_t scales[12];
  uint16_t d;
};

struct [[gnu::packed]] BlockQ4_K {  // 8 sub-blocks; 6-bit scales and minima
  uint16_t d;
  uint16_t dmin;
  uint8_t scales[12];
  uint8_t qs[128];
};

struct [[gnu::packed]] BlockQ5_K {  // 8 sub-blocks; 6-bit scales and minima
  uint16_t d;
  uint16_t dmin;
  uint8_t scales[12];
  uint8_t qh[32];
  uint8_t qs[128];
};

struct [[gnu::packed]] BlockQ6_K {  // 16 sub-blocks; 8-bit scales
  uint8_t ql[128];
  uint8_t qh[64];
  int8_t scales[16];
  uint16_t d;
};

struct [[gnu::packed]] BlockQ8_K {  // activations beside K types; bsums[i] is the sum of qs[16i .. 16i+15]
  float d;
  int8_t qs[256];
  int16_t bsums[16];
};

// Ternary types: -1, 0 or 1 times d.

struct [[gnu::packed]] BlockTQ1_0 {  // five elements to a byte of qs (base 3), four to a byte of qh
  uint8_t qs[48];
  uint8_t qh[4];
  uint16_t d;
};

struct [[gnu::packed]] BlockTQ2_0 {  // four elements to a byte
  uint8_t qs[64];
  uint16_t d;
};

// IQ types: groups of 4 or 8 elements are points of a fixed grid (iq_grids.h) with signs stored apart.

struct [[gnu::packed]] BlockIQ1_S {
  uint16_t d;
  uint8_t qs[32];
  uint16_t qh[8];
};

struct [[gnu::packed]] BlockIQ1_M {  // its f16 scale is spread over the top nibbles of four 16-bit scales
  uint8_t qs[32];
  uint8_t qh[16];
  uint8_t scales[8];
};

struct [[gnu::packed]] BlockIQ2_XXS {
  uint16_t d;
  uint16_t qs[32];
};

struct [[gnu::packed]] BlockIQ2_XS {
  uint16_t d;
  uint16_t qs[32];
  uint8_t scales[8];
};

struct [[gnu::packed]] BlockIQ2_S {  // qs: 32 grid indices, then 32 bytes of signs
  uint16_t d;
  uint8_t qs[64];
  uint8_t qh[8];
  uint8_t scales[8];
};

struct [[gnu::packed]] BlockIQ3_XXS {  // qs: 64 grid indices, then 32 bytes of signs and scales
  uint16_t d;
  uint8_t qs[96];
};

struct [[gnu::packed]] BlockIQ3_S {
  uint16_t d;
  uint8_t qs[64];
  uint8_t qh[8];
  uint8_t signs[32];
  uint8_t scales[4];
};

struct [[gnu::packed]] BlockIQ4_XS {  // 8 sub-blocks of IQ4_NL's levels; 6-bit scales
  uint16_t d;
  uint16_t scales_h;
  uint8_t scales_l[4];
  uint8_t qs[128];
};

static_assert(sizeof(BlockQ4_0) == 18 && sizeof(BlockQ4_1) == 20);
static_assert(sizeof(BlockQ5_0) == 22 && sizeof(BlockQ5_1) == 24);
static_assert(sizeof(BlockQ8_0) == 34 && sizeof(BlockQ8_1) == 36);
static_assert(sizeof(BlockIQ4_NL) == 18 && sizeof(BlockMXFP4) == 17);
static_assert(sizeof(BlockQ2_K) == 84 && sizeof(BlockQ3_K) == 110 && sizeof(BlockQ4_K) == 144);
static_assert(sizeof(BlockQ5_K) == 176 && sizeof(BlockQ6_K) == 210 && sizeof(BlockQ8_K) == 292);
static_assert(sizeof(BlockTQ1_0) == 54 && sizeof(BlockTQ2_0) == 66);
static_assert(sizeof(BlockIQ1_S) == 50 && sizeof(BlockIQ1_M) == 56);
static_assert(sizeof(BlockIQ2_XXS) == 66 && sizeof(BlockIQ2_XS) == 74 && sizeof(BlockIQ2_S) == 82);
static_assert(sizeof(BlockIQ3_XXS) == 98 && sizeof(BlockIQ3_S) == 110 && sizeof(BlockIQ4_XS) == 136);

}  // namespace hearth
