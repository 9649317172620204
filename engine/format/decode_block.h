// Decoding one stored block of every quantised type to f32, bit for bit as ggml does: each product and sum
// below is rounded to f32 in the order written, none is fused.
#pragma once

#include "engine/format/blocks.h"

namespace hearth {

/// Of two elements of a block of 32 that share a byte, the second is so many behind the first.
inline constexpr int kHalf = 16;

// Each writes as many values as the block has elements: 32 or 256.

// decode_32.cpp
void decode(const BlockQ4_0& block, float* values);
void decode(const BlockQ4_1& block, float* values);
void decode(const BlockQ5_0& block, float* values);
void decode(const BlockQ5_1& block, float* values);
void decode(const BlockQ8_0& block, float* values);
void decode(const BlockQ8_1& block, float* values);
void decode(const BlockIQ4_NL& block, float* values);
void decode(const BlockMXFP4& block, float* values);

// decode_k.cpp
void decode(const BlockQ2_K& block, float* values);
void decode(const BlockQ3_K& block, float* values);
void decode(const BlockQ4_K& block, float* values);
void decode(const BlockQ5_K& block, float* values);
void decode(const BlockQ6_K& block, float* values);
void decode(const BlockQ8_K& block, float* values);

// decode_ternary.cpp
void decode(const BlockTQ1_0& block, float* values);
void decode(const BlockTQ2_0& block, float* values);

// decode_iq.cpp
void decode(const BlockIQ1_S& block, float* values);
void decode(const BlockIQ1_M& block, float* values);
void decode(const BlockIQ2_XXS& block, float* values);
void decode(const BlockIQ2_XS& block, float* values);
void decode(const BlockIQ2_S& block, float* values);
void decode(const BlockIQ3_XXS& block, float* values);
void decode(const BlockIQ3_S& block, float* values);
void decode(const BlockIQ4_XS& block, float* values);

}  // namespace hearth
