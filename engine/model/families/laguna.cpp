// Laguna: what heads give goes through gates of softplus, one for each head or for each number; layers may
// slide, three to each that sees all and has yarn; sigmoid routing with a bias beside a shared expert.
// Poolside 2026.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/sliding.h"

namespace hearth::families {
namespace {

/// Sliding layers turn by positions as they are, in a base and dimensions that may be their own.
Result<RopeSpec> read_plain_rope(const Hyperparameters& keys, RopeSpec rope) {
  rope.yarn = false;
  rope.frequency_scale = 1.0F;
  rope.attention_factor = 1.0F;
  return read_sliding_rope(keys, rope);
}

}  // namespace

Result<ModelSpec> laguna(const Gguf& gguf) {
  constexpr int32_t kPeriod = 4;
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  normalise_heads(spec);
  HEARTH_ASSIGN(const auto window, keys.optional_count("attention.sliding_window", INT32_MAX));
  HEARTH_ASSIGN(const auto slides, read_sliding_layers(keys, spec.layers.size(), kPeriod, FullLayer::kFirst));
  for (size_t index = 0; index < spec.layers.size(); ++index) {
    AttentionSpec& attention = attention_of(spec.layers[index]);
    attention.gate = AttentionGate::kHeadsOrMatrix;
    attention.gate_activation = Activation::kSoftplus;
    attention.rope.uses_factors = false;
    if (window.value_or(0) == 0 || !slides[index]) continue;
    attention.window = *window;
    HEARTH_ASSIGN(attention.rope, read_plain_rope(keys, attention.rope));
  }
  HEARTH_ASSIGN(const auto n_ff, keys.count("expert_feed_forward_length", kMaxWidth));
  HEARTH_ASSIGN(const int64_t shared, read_shared_width(keys, n_ff));
  ExpertFamily family;
  family.defaults.gating = ExpertGating::kSigmoid;
  family.defaults.normalize_weights = false;
  HEARTH_TRY(read_experts(keys, family, spec));
  add_shared_expert(spec, {.n_ff = shared});
  return spec;
}

}  // namespace hearth::families
