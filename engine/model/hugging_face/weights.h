// The weights of a Hugging Face folder under GGUF's names, in GGUF's order of rows.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/format/gguf_writer.h"
#include "engine/format/safetensors.h"
#include "engine/model/hugging_face/json_file.h"

namespace hearth {

/// What GGUF does differently with a family's weights.
struct WeightRules {
  /// Rows of queries and keys lie in pairs of dimensions that turn together, not in halves: how many heads
  /// each has; 0 where they stay.
  uint32_t paired_query_heads = 0;
  uint32_t paired_key_heads = 0;
  /// Norms are stored less 1.
  bool norms_less_one = false;
  /// The output is the embedding: one that a file has all the same is left out.
  bool tied = false;
};

/// All SafeTensors of a folder: model.safetensors, or those that model.safetensors.index.json names.
Result<std::vector<std::shared_ptr<const SafeTensors>>> open_weights(const std::filesystem::path& folder);

/// GGUF's name of a weight; "" for one that no family here has.
std::string gguf_name(std::string_view name);

/// Adds every tensor, which is read and arranged as it is written. UNSUPPORTED_MODEL naming a tensor that has
/// no use, INVALID_MODEL one whose shape cannot be.
Result<void> add_weights(const std::vector<std::shared_ptr<const SafeTensors>>& files,
                         const WeightRules& rules, GgufWriter& writer);

}  // namespace hearth
