// The weights of a Hugging Face folder under GGUF's names, in GGUF's order of rows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "engine/base/result.h"
#include "engine/format/gguf_writer.h"
#include "engine/format/safetensors.h"
#include "engine/model/hugging_face/json_file.h"
#include "engine/model/hugging_face/weight_names.h"

namespace hearth {

/// What GGUF does differently with a model's weights.
struct WeightRules {
  const WeightNames* names = nullptr;
  /// Rows of queries and keys lie in pairs of dimensions that turn together, not in halves: how many heads
  /// each has; 0 where they stay.
  uint32_t paired_query_heads = 0;
  uint32_t paired_key_heads = 0;
  /// Norms are stored less 1.
  bool norms_less_one = false;
  /// The output is the embedding: one that a file has all the same is left out.
  bool tied = false;
  /// Of a layer that has any.
  uint32_t experts = 0;
  /// Vectors of positions that no text has, at the beginning.
  uint32_t unused_positions = 0;
};

using WeightFiles = std::vector<std::shared_ptr<const SafeTensors>>;

/// All SafeTensors of a folder: model.safetensors, or those that model.safetensors.index.json names.
Result<WeightFiles> open_weights(const std::filesystem::path& folder);

/// Adds every tensor, which is read and arranged as it is written: small ones as F32, experts one after the
/// other in one tensor. UNSUPPORTED_MODEL naming a tensor that has no use, INVALID_MODEL one whose shape
/// cannot be, or an expert that is missing.
Result<void> add_weights(const WeightFiles& files, const WeightRules& rules, GgufWriter& writer);

}  // namespace hearth
