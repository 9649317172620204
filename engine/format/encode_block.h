// Encoding f32 values as one stored block of every quantised type.
//
// The values must be finite and at most 65504 in magnitude, the largest f16. Where ggml's reference rounding
// is a plain rule (blocks of 32 but IQ4_NL, the ternary types, Q8_K) the blocks are bit-equal to ggml's;
// elsewhere the search is our own and aims at the least squared error.
#pragma once

#include "engine/format/blocks.h"

namespace hearth {

// Each reads as many values as the block has elements, 32 or 256, and writes every byte of the block.

// encode_32.cpp
void encode(const float* values, BlockQ4_0& block);
void encode(const float* values, BlockQ4_1& block);
void encode(const float* values, BlockQ5_0& block);
void encode(const float* values, BlockQ5_1& block);
void encode(const float* values, BlockQ8_0& block);
void encode(const float* values, BlockQ8_1& block);
void encode(const float* values, BlockIQ4_NL& block);
void encode(const float* values, BlockMXFP4& block);

// encode_k.cpp
void encode(const float* values, BlockQ2_K& block);
void encode(const float* values, BlockQ3_K& block);
void encode(const float* values, BlockQ4_K& block);
void encode(const float* values, BlockQ5_K& block);
void encode(const float* values, BlockQ6_K& block);
void encode(const float* values, BlockQ8_K& block);
void encode(const float* values, BlockIQ4_XS& block);

// encode_ternary.cpp
void encode(const float* values, BlockTQ1_0& block);
void encode(const float* values, BlockTQ2_0& block);

// encode_iq.cpp
void encode(const float* values, BlockIQ1_S& block);
void encode(const float* values, BlockIQ1_M& block);
void encode(const float* values, BlockIQ2_XXS& block);
void encode(const float* values, BlockIQ2_XS& block);
void encode(const float* values, BlockIQ2_S& block);
void encode(const float* values, BlockIQ3_XXS& block);
void encode(const float* values, BlockIQ3_S& block);

}  // namespace hearth
