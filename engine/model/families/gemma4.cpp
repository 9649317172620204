// Gemma 4: sliding layers with heads of another size than those that see everything, whose values may be
// their keys; in small models vectors of each layer's own and layers that share keys and values, in others a
// mixture of experts beside the feed-forward network. Google 2026, "Gemma 4".
#include "engine/model/gemma4.h"

#include <vector>

#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/gemma_sharing.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/sliding.h"

namespace hearth::families {
namespace {

constexpr std::string_view kPattern = "attention.sliding_window_pattern";

/// What sliding layers have of their own.
Result<void> make_sliding(const Hyperparameters& keys, int32_t window, AttentionSpec& attention) {
  HEARTH_ASSIGN(const auto key_length, keys.count("attention.key_length_swa", kMaxWidth));
  HEARTH_ASSIGN(const auto value_length, keys.count("attention.value_length_swa", kMaxWidth));
  HEARTH_ASSIGN(const auto base, keys.number("rope.freq_base_swa"));
  HEARTH_ASSIGN(const auto dimensions, keys.optional_count("rope.dimension_count_swa", kMaxWidth));
  attention.window = window;
  attention.key_dimension = key_length;
  attention.value_dimension = value_length;
  RopeSpec& rope = attention.rope;
  rope.frequency_scale = 1.0F;
  rope.uses_factors = false;
  rope.theta_base = base.value_or(10000.0F);
  rope.dimensions = dimensions.value_or(rope.dimensions);
  if (rope.theta_base <= 1.0F) return keys.invalid("rope.freq_base_swa", "must be above 1");
  if (rope.dimensions % 2 != 0 || rope.dimensions > key_length) {
    return keys.invalid("rope.dimension_count_swa", "must be even and at most attention.key_length_swa");
  }
  return {};
}

/// Beside every feed-forward network.
Result<void> put_experts_beside(const Hyperparameters& keys, ModelSpec& spec) {
  ExpertsSpec defaults;
  defaults.activation = Activation::kGeluTanh;
  HEARTH_ASSIGN(ExpertsSpec experts, read_experts_spec(keys, defaults));
  if (experts.n_ff == 0) return keys.invalid("expert_feed_forward_length", "is missing");
  for (LayerSpec& layer : spec.layers) {
    layer.feed_forward =
        GatedAndExpertsSpec{std::get<GatedSpec>(layer.feed_forward), experts, spec.head.norm};
    layer.norms.feed_forward = {};
  }
  return {};
}

/// Whether each layer slides: one value, which is for all of them, is no period.
Result<std::vector<int32_t>> read_pattern(const Hyperparameters& keys, size_t n_layer) {
  HEARTH_ASSIGN(auto slides, keys.counts(kPattern, n_layer, INT32_MAX));
  if (slides.empty()) return keys.invalid(kPattern, "is missing");
  return slides;
}

}  // namespace

Result<ModelSpec> gemma4(const Gguf& gguf) {
  HEARTH_ASSIGN(ModelSpec spec, gemma(gguf));
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(const auto slides, read_pattern(keys, spec.layers.size()));
  HEARTH_ASSIGN(const auto window, keys.count("attention.sliding_window", INT32_MAX));
  HEARTH_ASSIGN(spec.head.soft_cap, read_soft_cap(keys, "final_logit_softcapping", 30.0F));
  HEARTH_ASSIGN(const auto width, keys.optional_count("embedding_length_per_layer_input", kMaxWidth));
  if (!width) return keys.invalid("embedding_length_per_layer_input", "is missing");
  HEARTH_ASSIGN(const auto n_expert, keys.optional_count("expert_count", kMaxWidth));
  const NormSpec norm = spec.head.norm;
  spec.network = make_gemma4;
  spec.per_layer = {*width, norm};
  for (size_t index = 0; index < spec.layers.size(); ++index) {
    LayerSpec& layer = spec.layers[index];
    layer.norms = kNormsBeforeAndAfter;
    layer.has_output_scale = false;  // behind what the per-layer embedding adds
    AttentionSpec& attention = attention_of(layer);
    attention.scale = 1.0F;
    attention.query_key_norm = norm;
    attention.value_norm = norm;
    attention.values_may_be_keys = true;
    if (slides[index] != 0) HEARTH_TRY(make_sliding(keys, window, attention));
    if (attention.key_dimension != attention.value_dimension) {
      return keys.invalid("attention.value_length", "must be that of the keys, which may be the values");
    }
  }
  HEARTH_ASSIGN(const auto shared, keys.optional_count("attention.shared_kv_layers", spec.n_layer()));
  HEARTH_TRY(share_keys_and_values(keys, spec, spec.n_layer() - shared.value_or(0)));
  if (n_expert.value_or(0) > 0) HEARTH_TRY(put_experts_beside(keys, spec));
  return spec;
}

}  // namespace hearth::families
