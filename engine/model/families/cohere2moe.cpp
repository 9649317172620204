// Cohere's mixture: attention and experts side by side behind one norm, of which either kind may be; three
// layers of four slide and turn, and so do the first, dense ones. Cohere 2025.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/nextn.h"
#include "engine/model/families/sliding.h"

namespace hearth::families {
namespace {

Result<NormKind> read_cohere_norm(const Hyperparameters& keys) {
  HEARTH_ASSIGN(const auto epsilon, keys.number("attention.layer_norm_rms_epsilon"));
  return epsilon.value_or(0.0F) == 0.0F ? NormKind::kLayer : NormKind::kRms;
}

Result<int64_t> read_cohere_shared_width(const Hyperparameters& keys) {
  HEARTH_ASSIGN(const auto n_ff, keys.count("expert_feed_forward_length", kMaxWidth));
  HEARTH_ASSIGN(const auto count, keys.optional_count("expert_shared_count", kMaxExperts));
  HEARTH_ASSIGN(const auto own, keys.optional_count("expert_shared_feed_forward_length", kMaxWidth));
  if (count.value_or(0) == 0) return 0;
  if (own.value_or(0) > 0) return *own;
  return shared_width(keys, n_ff, *count);
}

}  // namespace

Result<ModelSpec> cohere2moe(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(const NormKind norm, read_cohere_norm(keys));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, norm, RopePairs::kAdjacent));
  HEARTH_ASSIGN(const auto window, keys.count("attention.sliding_window", INT32_MAX));
  HEARTH_ASSIGN(const auto slides, read_sliding_layers(keys, spec.layers.size(), 4, FullLayer::kFirst));
  HEARTH_ASSIGN(const auto leading, keys.optional_count("leading_dense_block_count", INT32_MAX));
  HEARTH_ASSIGN(const auto logit_scale, keys.number("logit_scale"));
  if (!logit_scale) return keys.invalid("logit_scale", "is missing");
  if (*logit_scale != 0.0F) spec.head.logit_scale = *logit_scale;
  for (size_t index = 0; index < spec.layers.size(); ++index) {
    AttentionSpec& attention = attention_of(spec.layers[index]);
    spec.layers[index].norms = kOneNorm;
    if (slides[index]) attention.window = window;
    if (!slides[index] && index >= static_cast<size_t>(leading.value_or(0))) attention.rope.dimensions = 0;
  }
  HEARTH_TRY(leave_out_nextn(keys, spec));
  HEARTH_ASSIGN(const int64_t shared, read_cohere_shared_width(keys));
  ExpertFamily family;
  family.defaults.gating = ExpertGating::kSigmoid;
  family.defaults.normalize_weights = false;
  HEARTH_TRY(read_experts(keys, family, spec));
  add_shared_expert(spec, {.n_ff = shared, .sum_scale = 0.5F});
  return spec;
}

}  // namespace hearth::families
