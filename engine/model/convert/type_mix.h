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
  kAttentionQuery,
  kAttentionKey,
  kAttentionValue,  // alone, or in one matrix with others
  kAttentionOutput,
  kFeedForwardGate,
  kFeedForwardUp,
  kFeedForwardDown,
  kMatrix,  // any other
  kVector,  // norms, biases, rope factors, the router of experts and other small ones: left as they are
};

/// What a tensor is, by the names that every family shares. `dimensions` is how many its shape has.
TensorRole role_of(std::string_view name, size_t dimensions, bool tied_output);

/// general.file_type: llama.cpp's numbers (include/llama.h, enum llama_ftype), which name its mixes.
enum class FileType : uint32_t {
  kF32 = 0,
  kF16 = 1,
  kQ4_0 = 2,
  kQ4_1 = 3,
  kQ8_0 = 7,
  kQ5_0 = 8,
  kQ5_1 = 9,
  kQ2_K = 10,
  kQ3_K_S = 11,
  kQ3_K_M = 12,
  kQ3_K_L = 13,
  kQ4_K_S = 14,
  kQ4_K_M = 15,
  kQ5_K_S = 16,
  kQ5_K_M = 17,
  kQ6_K = 18,
  kIQ2_XXS = 19,
  kIQ2_XS = 20,
  kQ2_K_S = 21,
  kIQ3_XS = 22,
  kIQ3_XXS = 23,
  kIQ1_S = 24,
  kIQ4_NL = 25,
  kIQ3_S = 26,
  kIQ3_M = 27,
  kIQ2_S = 28,
  kIQ2_M = 29,
  kIQ4_XS = 30,
  kIQ1_M = 31,
  kBF16 = 32,
  kTQ1_0 = 36,
  kTQ2_0 = 37,
  kMXFP4_MOE = 38,
  kOther = 1024,  // llama.cpp's "guessed"
};

struct TypeMix {
  std::string name;    // "Q4_K_M", "Q8_0"
  BlockType base;      // of most matrices
  FileType file_type;  // whose rules say where others are
  bool plain = false;  // there are none but in the output
};

/// Whether the matrices that a model is written with can be of this type: every type but the integers and
/// F64.
bool can_hold_weights(BlockType type);

/// A mix by llama.cpp's name for it, whatever the case, of which Q3_K, Q4_K and Q5_K mean the _M mixes; or
/// another block type's name. INVALID_ARGUMENT for others.
Result<TypeMix> find_type_mix(std::string_view name);

/// The type of that name for all matrices, with an output of at least Q6_K: for models that tests make, so
/// that most of them is what the name says. Names of mixes give these.
Result<TypeMix> find_plain_mix(std::string_view name);

/// The block type of that name for weights, whatever the case. INVALID_ARGUMENT for others.
Result<BlockType> find_weight_type(std::string_view name);

/// Whether files of these mixes have 1 or 2 bits for most weights.
bool is_1_or_2_bits(FileType file);

/// What the rules of mixes look at besides a tensor's own role and place.
struct ModelTraits {
  int32_t heads_per_key_value = 1;  // heads that share keys and values
  int32_t n_expert = 0;
  bool is_falcon = false;
  bool is_llama_70b = false;
  bool has_importance = false;  // an importance matrix is there
};

/// Which tensor of its role this is, of how many (of layers, but for attention's values).
struct TensorOrder {
  int32_t index;
  int32_t count;
};

/// The type that a mix wants for a tensor, which its rows may not allow. `many` for one that has a matrix per
/// expert.
BlockType type_in_mix(const TypeMix& mix, TensorRole role, TensorOrder order, const ModelTraits& traits = {},
                      bool many = false);

/// `wanted`, or where a row of `columns` elements is no multiple of its block the nearest type that fits, as
/// llama.cpp chooses it.
BlockType fitting_type(BlockType wanted, uint64_t columns);

}  // namespace hearth
