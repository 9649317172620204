// Which block type each tensor of a model gets: one type for all matrices, or one of llama.cpp's mixes, which
// spend more bits where they matter most.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/format/block_type.h"

namespace hearth {

enum class TensorRole {
  kEmbedding,
  kOutput,  // also of a tied embedding
  kAttentionQueryKeyValue,
  kAttentionValue,
  kFeedForwardDown,
  kMatrix,  // any other
  kVector,  // norms, biases, rope factors, and the router of experts: F32 in every mix
};

/// What a tensor is, by the names that every family shares. `dimensions` is how many its shape has.
TensorRole role_of(std::string_view name, size_t dimensions, bool tied_output);

struct TypeMix {
  std::string name;    // "Q4_K_M", "Q8_0"
  BlockType base;      // of most matrices
  bool medium;         // a _M mix
  bool small;          // a _S mix
  uint32_t file_type;  // general.file_type, llama.cpp's number for the mix
};

/// Whether the matrices that a model is written with can be of this type: every type but the integers and
/// F64.
bool can_hold_weights(BlockType type);

/// A block type's name, or Q4_K_S, Q4_K_M, Q5_K_S, Q5_K_M, whatever the case. INVALID_ARGUMENT for others.
Result<TypeMix> find_type_mix(std::string_view name);

/// The type of a tensor in layer `layer` of `n_layer` whose rows have `columns` elements. Where a row is no
/// multiple of the wanted type's block, the nearest type that fits.
BlockType type_in_mix(const TypeMix& mix, TensorRole role, int32_t layer, int32_t n_layer, uint64_t columns);

}  // namespace hearth
