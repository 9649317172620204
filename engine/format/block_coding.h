// How a stored block of each quantised type is decoded to f32 values, and how such values are encoded as one.
//
// Decoding is bit for bit ggml's: each product and sum is rounded to f32 in the order written, none is fused.
// Values to encode must be finite and at most 65504 in magnitude, the largest f16. Where ggml's reference
// rounding is a plain rule (blocks of 32 but IQ4_NL, the ternary types, Q8_K), encode() follows it bit for
// bit. fit() searches for the block with the least squared error, each element's times its weight, which is
// above 0; the types that have no rule or gain from a search have it.
#pragma once

#include <type_traits>

#include "engine/format/block_type.h"
#include "engine/format/blocks.h"

namespace hearth {

/// Of two elements of a block of 32 that share a byte, the second is so many behind the first.
inline constexpr int kHalf = 16;

// Each reads or writes as many values as the block has elements, 32 or 256, and every byte of the block.

// Blocks of 32: decode_32.cpp, encode_32.cpp
void decode(const BlockQ4_0& block, float* values);
void encode(const float* values, BlockQ4_0& block);
void fit(const float* values, const float* weights, BlockQ4_0& block);
void decode(const BlockQ4_1& block, float* values);
void encode(const float* values, BlockQ4_1& block);
void fit(const float* values, const float* weights, BlockQ4_1& block);
void decode(const BlockQ5_0& block, float* values);
void encode(const float* values, BlockQ5_0& block);
void fit(const float* values, const float* weights, BlockQ5_0& block);
void decode(const BlockQ5_1& block, float* values);
void encode(const float* values, BlockQ5_1& block);
void fit(const float* values, const float* weights, BlockQ5_1& block);
void decode(const BlockQ8_0& block, float* values);
void encode(const float* values, BlockQ8_0& block);
void decode(const BlockQ8_1& block, float* values);
void encode(const float* values, BlockQ8_1& block);
void decode(const BlockIQ4_NL& block, float* values);
void fit(const float* values, const float* weights, BlockIQ4_NL& block);
void decode(const BlockMXFP4& block, float* values);
void encode(const float* values, BlockMXFP4& block);

// K types: decode_k.cpp, encode_k.cpp
void decode(const BlockQ2_K& block, float* values);
void fit(const float* values, const float* weights, BlockQ2_K& block);
void decode(const BlockQ3_K& block, float* values);
void fit(const float* values, const float* weights, BlockQ3_K& block);
void decode(const BlockQ4_K& block, float* values);
void fit(const float* values, const float* weights, BlockQ4_K& block);
void decode(const BlockQ5_K& block, float* values);
void fit(const float* values, const float* weights, BlockQ5_K& block);
void decode(const BlockQ6_K& block, float* values);
void fit(const float* values, const float* weights, BlockQ6_K& block);
void decode(const BlockQ8_K& block, float* values);
void encode(const float* values, BlockQ8_K& block);

// Ternary types: decode_ternary.cpp, encode_ternary.cpp
void decode(const BlockTQ1_0& block, float* values);
void encode(const float* values, BlockTQ1_0& block);
void decode(const BlockTQ2_0& block, float* values);
void encode(const float* values, BlockTQ2_0& block);

// IQ types: decode_iq.cpp, encode_iq.cpp; IQ4_XS is encoded as the K types are, in encode_k.cpp
void decode(const BlockIQ1_S& block, float* values);
void fit(const float* values, const float* weights, BlockIQ1_S& block);
void decode(const BlockIQ1_M& block, float* values);
void fit(const float* values, const float* weights, BlockIQ1_M& block);
void decode(const BlockIQ2_XXS& block, float* values);
void fit(const float* values, const float* weights, BlockIQ2_XXS& block);
void decode(const BlockIQ2_XS& block, float* values);
void fit(const float* values, const float* weights, BlockIQ2_XS& block);
void decode(const BlockIQ2_S& block, float* values);
void fit(const float* values, const float* weights, BlockIQ2_S& block);
void decode(const BlockIQ3_XXS& block, float* values);
void fit(const float* values, const float* weights, BlockIQ3_XXS& block);
void decode(const BlockIQ3_S& block, float* values);
void fit(const float* values, const float* weights, BlockIQ3_S& block);
void decode(const BlockIQ4_XS& block, float* values);
void fit(const float* values, const float* weights, BlockIQ4_XS& block);

/// Calls visit(std::type_identity<Block>()) for the block that a type is stored as. The types that are plain
/// numbers have none.
template <typename Visit>
void visit_block(BlockType type, Visit visit) {
  switch (type) {
    case BlockType::kQ4_0:
      return visit(std::type_identity<BlockQ4_0>());
    case BlockType::kQ4_1:
      return visit(std::type_identity<BlockQ4_1>());
    case BlockType::kQ5_0:
      return visit(std::type_identity<BlockQ5_0>());
    case BlockType::kQ5_1:
      return visit(std::type_identity<BlockQ5_1>());
    case BlockType::kQ8_0:
      return visit(std::type_identity<BlockQ8_0>());
    case BlockType::kQ8_1:
      return visit(std::type_identity<BlockQ8_1>());
    case BlockType::kIQ4_NL:
      return visit(std::type_identity<BlockIQ4_NL>());
    case BlockType::kMXFP4:
      return visit(std::type_identity<BlockMXFP4>());
    case BlockType::kQ2_K:
      return visit(std::type_identity<BlockQ2_K>());
    case BlockType::kQ3_K:
      return visit(std::type_identity<BlockQ3_K>());
    case BlockType::kQ4_K:
      return visit(std::type_identity<BlockQ4_K>());
    case BlockType::kQ5_K:
      return visit(std::type_identity<BlockQ5_K>());
    case BlockType::kQ6_K:
      return visit(std::type_identity<BlockQ6_K>());
    case BlockType::kQ8_K:
      return visit(std::type_identity<BlockQ8_K>());
    case BlockType::kTQ1_0:
      return visit(std::type_identity<BlockTQ1_0>());
    case BlockType::kTQ2_0:
      return visit(std::type_identity<BlockTQ2_0>());
    case BlockType::kIQ1_S:
      return visit(std::type_identity<BlockIQ1_S>());
    case BlockType::kIQ1_M:
      return visit(std::type_identity<BlockIQ1_M>());
    case BlockType::kIQ2_XXS:
      return visit(std::type_identity<BlockIQ2_XXS>());
    case BlockType::kIQ2_XS:
      return visit(std::type_identity<BlockIQ2_XS>());
    case BlockType::kIQ2_S:
      return visit(std::type_identity<BlockIQ2_S>());
    case BlockType::kIQ3_XXS:
      return visit(std::type_identity<BlockIQ3_XXS>());
    case BlockType::kIQ3_S:
      return visit(std::type_identity<BlockIQ3_S>());
    case BlockType::kIQ4_XS:
      return visit(std::type_identity<BlockIQ4_XS>());
    case BlockType::kF32:
    case BlockType::kF16:
    case BlockType::kBF16:
    case BlockType::kF64:
    case BlockType::kI8:
    case BlockType::kI16:
    case BlockType::kI32:
    case BlockType::kI64:
      return;
  }
}

}  // namespace hearth
