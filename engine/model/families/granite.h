// What Granite's generations share: Llama's shape with multipliers in four places.
#pragma once

#include "engine/base/result.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/spec.h"

namespace hearth::families {

/// Of what is looked up and of what each part of a layer adds; logits are divided by the last. 0: none.
struct Multipliers {
  float embedding = 0.0F;
  float residual = 0.0F;
  float logits = 0.0F;
};

/// Sets those that embedding_scale, residual_scale and logit_scale say; `defaults` where the file does not.
Result<void> read_multipliers(const Hyperparameters& keys, Multipliers defaults, ModelSpec& spec);

/// Experts, where the file has any, and the shared one that it may have beside them.
Result<void> read_experts_of_granite(const Hyperparameters& keys, ModelSpec& spec);

/// Positions turn nothing where rope.scaling.finetuned is false.
Result<void> read_whether_positions_turn(const Hyperparameters& keys, ModelSpec& spec);

}  // namespace hearth::families
