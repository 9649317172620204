// Nemotron-H (NVIDIA 2025): each layer is Mamba 2, or attention that knows no positions, or a feed-forward
// network with a squared ReLU; of Nemotron 3 (NVIDIA 2025) the latter are experts,
// of its Super in a narrower space.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/state_space.h"

namespace hearth::families {
namespace {

/// Experts of all layers that have a feed-forward network, which may be as wide as they are together.
Result<ExpertsSpec> read_nemotron_experts(const Hyperparameters& keys) {
  ExpertsSpec defaults{{.gating = ExpertGating::kSigmoid, .normalize_weights = false}};
  defaults.activation = Activation::kReluSquared;
  defaults.gated = false;
  HEARTH_ASSIGN(ExpertsSpec experts, read_experts_spec(keys, defaults));
  HEARTH_ASSIGN(const int64_t shared, keys.count("expert_shared_feed_forward_length", kMaxWidth));
  HEARTH_ASSIGN(const auto latent, keys.optional_count("moe_latent_size", kMaxWidth));
  experts.latent = latent.value_or(0);
  experts.shared = SharedExpertSpec{.n_ff = shared, .gated = false, .activation = Activation::kReluSquared};
  return experts;
}

}  // namespace

Result<ModelSpec> nemotron_h(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kAdjacent, Absent::kAllowed));
  HEARTH_ASSIGN(const Mamba2Spec mamba, read_mamba2(keys, spec));
  HEARTH_ASSIGN(const auto n_expert, keys.optional_count("expert_count", kMaxWidth));
  ExpertsSpec experts;
  if (n_expert.value_or(0) > 0) {
    HEARTH_ASSIGN(experts, read_nemotron_experts(keys));
  }
  for (LayerSpec& layer : spec.layers) {
    layer.norms.feed_forward = layer.norms.mixer;
    if (const auto* gated = std::get_if<GatedSpec>(&layer.feed_forward)) {
      const int64_t n_ff = gated->n_ff;
      layer.mixer = std::monostate{};
      layer.feed_forward = PlainSpec{n_ff, Activation::kReluSquared};
      if (experts.count == 0) continue;
      ExpertsSpec own = experts;
      if (own.n_ff == 0) own.n_ff = n_ff / own.used;
      if (own.n_ff == 0) return keys.invalid("feed_forward_length", "is less than one for each expert used");
      layer.feed_forward = own;
    } else if (auto* attention = std::get_if<AttentionSpec>(&layer.mixer)) {
      attention->rope = {};
    } else {
      layer.mixer = mamba;
    }
  }
  return spec;
}

Result<ModelSpec> nemotron_h_moe(const Gguf& gguf) { return nemotron_h(gguf); }

}  // namespace hearth::families
