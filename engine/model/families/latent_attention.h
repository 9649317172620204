// Reading latent attention (blocks/latent_attention.h) from metadata, for the families that have it.
#pragma once

#include "engine/base/result.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/spec.h"

namespace hearth::families {

/// Makes the attention of every layer that has one latent: reads attention.q_lora_rank, kv_lora_rank, and
/// key_length_mla and value_length_mla, which are there where the file's matrices are those of the absorbed
/// form.
Result<void> read_latent_attention(const Hyperparameters& keys, ModelSpec& spec);

/// What rope.scaling.yarn_log_multiplier says of DeepSeek's mscale_all_dim; 0 where the file has no such key.
Result<float> read_yarn_multiplier(const Hyperparameters& keys);

/// Lets scores and the turning dimensions grow as DeepSeek does in contexts that YaRN makes longer.
void grow_with_context(float multiplier, ModelSpec& spec);

}  // namespace hearth::families
