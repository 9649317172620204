// Reading what all families with experts have in common.
#pragma once

#include <cstdint>

#include "engine/base/result.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/spec.h"

namespace hearth::families {

inline constexpr int64_t kMaxExperts = 65536;

/// What a family's files need not say.
struct ExpertFamily {
  /// The gating, the scale of weights and whether they are normalised where the file says nothing; and what
  /// no file says: the activation, whether there are gates.
  ExpertsSpec defaults = {};
  /// Without expert_feed_forward_length an expert is as wide as the layer's network would be; here that is
  /// the width of all that a row uses together.
  bool divides_width = false;
  bool is_as_wide_as_network = false;  // whatever the file says
  bool goes_by_routers = false;        // layers for which the file has none keep their network
};

/// Everything about experts but where they are and, without expert_feed_forward_length, their width: n_ff is
/// that of the defaults then.
Result<ExpertsSpec> read_experts_spec(const Hyperparameters& keys, const ExpertsSpec& defaults);

/// Makes every layer's gated network a mixture of such ones, but for leading_dense_block_count layers, and
/// only every interleave_moe_layer_step-th.
Result<void> read_experts(const Hyperparameters& keys, const ExpertFamily& family, ModelSpec& spec);

/// Width of `count` shared experts of so many hidden numbers, which files store as one.
Result<int64_t> shared_width(const Hyperparameters& keys, int64_t n_ff, int32_t count);

/// The same of families that may say it either way: expert_shared_feed_forward_length, or expert_shared_count
/// (without it 1) experts of `n_ff` hidden numbers.
Result<int64_t> read_shared_width(const Hyperparameters& keys, int64_t n_ff);

/// Puts a shared expert beside the experts of every layer that has them; none of no width.
void add_shared_expert(ModelSpec& spec, const SharedExpertSpec& shared);

/// Has every head of q and k normalised by itself, or all as one.
void normalise_heads(ModelSpec& spec, HeadNorm by = HeadNorm::kEach);

/// Width of a layer's gated network.
int64_t gated_width(const LayerSpec& layer);

}  // namespace hearth::families
