// Step 3.5: layers that slide, with heads and a rope of their own; a gate for each head; experts where the
// file has a router, beside a shared one, their gates and what those open within bounds. StepFun 2026.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/nextn.h"
#include "engine/model/families/sliding.h"

namespace hearth::families {
namespace {

/// Layers that see all turn half of the dimensions, with the factors that the file may have.
Result<void> read_step_attention(const Hyperparameters& keys, ModelSpec& spec) {
  HEARTH_ASSIGN(const auto window, keys.count("attention.sliding_window", INT32_MAX));
  HEARTH_ASSIGN(const auto slides, read_sliding_layers(keys, spec.layers.size(), 1));
  for (size_t index = 0; index < spec.layers.size(); ++index) {
    AttentionSpec& attention = attention_of(spec.layers[index]);
    attention.query_key_norm = spec.layers[index].norm;
    attention.query_key_norm_is_optional = true;
    attention.gate = AttentionGate::kHeads;
    if (slides[index]) {
      attention.window = window;
      HEARTH_ASSIGN(attention.rope, read_own_sliding_rope(keys, attention.rope));
      attention.rope.uses_factors = false;
    } else {
      attention.rope.dimensions = attention.rope.dimensions / 4 * 2;
    }
  }
  return {};
}

/// Of each layer; 0: none.
Result<std::vector<float>> read_limits(const Hyperparameters& keys, std::string_view key, size_t n_layer) {
  HEARTH_ASSIGN(auto limits, keys.numbers(key, n_layer));
  limits.resize(n_layer, 0.0F);
  for (const float limit : limits) {
    if (limit < 0.0F) return keys.invalid(key, "must not be negative");
  }
  return limits;
}

}  // namespace

Result<ModelSpec> step35(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  const size_t n_layer = spec.layers.size();
  HEARTH_TRY(read_step_attention(keys, spec));
  HEARTH_ASSIGN(const auto limits, read_limits(keys, "swiglu_clamp_exp", n_layer));
  HEARTH_ASSIGN(const auto shared_limits, read_limits(keys, "swiglu_clamp_shexp", n_layer));
  HEARTH_TRY(leave_out_nextn(keys, spec));
  HEARTH_ASSIGN(const auto shared, keys.count("expert_shared_feed_forward_length", kMaxWidth));
  ExpertFamily family;
  family.defaults.gating = ExpertGating::kSigmoid;
  family.defaults.normalize_weights = false;
  family.goes_by_routers = true;
  HEARTH_TRY(read_experts(keys, family, spec));
  add_shared_expert(spec, {.n_ff = shared});
  for (size_t index = 0; index < spec.layers.size(); ++index) {
    auto& experts = std::get<ExpertsSpec>(spec.layers[index].feed_forward);
    experts.activation.limit = limits[index];
    experts.otherwise->activation.limit = shared_limits[index];
    experts.shared->activation.limit = shared_limits[index];
  }
  spec.applied_keys = {"swiglu_clamp_exp", "swiglu_clamp_shexp"};
  return spec;
}

}  // namespace hearth::families
