// A folder's rope scaling as GGUF's keys and tensors.
#pragma once

#include "engine/base/result.h"
#include "engine/model/hugging_face/config_keys.h"

namespace hearth {

/// What holds where config.json does not say.
struct RopeDefaults {
  float theta = 10000.0F;
  float part = 1.0F;  // of a head's dimensions that turn
};

/// Adds how many dimensions turn, how fast and how that is scaled. UNSUPPORTED_MODEL for a scaling that is
/// none of linear, yarn, llama3 and longrope.
Result<void> add_rope(const ConfigKeys& keys, const FolderShape& shape, const RopeDefaults& defaults);

}  // namespace hearth
