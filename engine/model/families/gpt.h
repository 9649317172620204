// What the heirs of GPT-2 share, whichever way they tell positions.
#pragma once

#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

/// Layer norms, and plain feed-forward networks with GELU (Radford et al. 2019). Queries and keys turn.
Result<ModelSpec> read_gpt(const Hyperparameters& keys, RopePairs pairs);

/// Queries and keys do not turn.
void drop_rope(ModelSpec& spec);

/// Instead, a score loses by distance (ALiBi, Press et al. 2022): 2^(-bias / n_head) for each position at the
/// steepest. A bias of 0 is none.
void use_alibi(ModelSpec& spec, float bias);

/// The file's `attention.max_alibi_bias`, without which there is none.
Result<void> read_alibi(const Hyperparameters& keys, ModelSpec& spec);

}  // namespace hearth::families
