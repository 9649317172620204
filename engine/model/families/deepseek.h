// What DeepSeek's later models and their kin have in common: latent attention, and behind some leading layers
// experts with shared ones beside them.
#pragma once

#include "engine/base/result.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/spec.h"

namespace hearth::families {

/// All but experts and what YaRN does to scores.
Result<ModelSpec> read_deepseek(const Hyperparameters& keys);

/// Puts experts in place of the networks behind leading_dense_block_count layers. `gating` is that of files
/// which say nothing of it.
Result<void> read_deepseek_experts(const Hyperparameters& keys, ExpertGating gating, ModelSpec& spec);

}  // namespace hearth::families
