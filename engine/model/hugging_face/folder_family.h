// The families that a folder's model may be of, and what GGUF has otherwise of each.
#pragma once

#include <filesystem>
#include <string_view>

#include "engine/base/result.h"
#include "engine/model/hugging_face/config_keys.h"
#include "engine/model/hugging_face/rope.h"
#include "engine/model/hugging_face/weight_names.h"

namespace hearth {

/// What config.json calls sizes.
struct ConfigNames {
  const char* context = "max_position_embeddings";
  const char* width = "hidden_size";
  const char* layers = "num_hidden_layers";
  const char* feed_forward = "intermediate_size";
  const char* heads = "num_attention_heads";
  const char* epsilon = "rms_norm_eps";
};

/// `folder` has more files than config.json.
using AddOwnKeys = Result<void> (*)(const std::filesystem::path& folder, const ConfigKeys& keys);

struct FolderFamily {
  std::string_view model_class;  // the first of config.json's architectures
  std::string_view architecture;
  const WeightNames& weights;
  ConfigNames config = {};
  bool layer_norm = false;       // with a mean, not RMS
  bool paired_rows = false;      // GGUF has rows of queries and keys in pairs
  bool norms_less_one = false;   // as stored here
  bool tied_by_default = false;  // where config.json does not say
  bool has_rope = true;
  bool pads_positions = false;  // the first has the number behind the padding token's
  RopeDefaults rope = {};
  AddOwnKeys add_own = nullptr;  // what the family alone has
};

/// By config.json's architectures. UNSUPPORTED_MODEL for one that is not here.
Result<const FolderFamily*> find_folder_family(const JsonFile& config);

}  // namespace hearth
