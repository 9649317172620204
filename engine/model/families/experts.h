// Reading what all families with experts have in common.
#pragma once

#include <cstdint>

#include "engine/base/result.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/spec.h"

namespace hearth::families {

/// Everything about experts but where they are. `defaults` is what the family does where the file says
/// nothing: the gating, the scale of weights and whether they are normalised; n_ff of 0 must be set from the
/// file or by the caller.
Result<ExpertsSpec> read_experts_spec(const Hyperparameters& keys, const ExpertsSpec& defaults);

/// Makes every layer's gated network a mixture of such ones, but for leading_dense_block_count layers, and
/// only every interleave_moe_layer_step-th. Without expert_feed_forward_length an expert is as wide as the
/// network; where the family divides that, it is as wide as all that are used together.
struct ExpertFamily {
  ExpertsSpec defaults = {};
  bool divides_width = false;
};
Result<void> read_experts(const Hyperparameters& keys, const ExpertFamily& family, ModelSpec& spec);

/// Width of a shared expert: expert_shared_feed_forward_length; without it `width`, times expert_shared_count
/// where the file has that. 0: there is none.
Result<int64_t> read_shared_width(const Hyperparameters& keys, int64_t width);

/// Puts a shared expert of so many hidden numbers beside the experts of every layer that has them; none of 0.
void add_shared_expert(ModelSpec& spec, const SharedExpertSpec& shared);

}  // namespace hearth::families
