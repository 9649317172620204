// gpt-oss: attention sinks, every second layer slides, experts with biases and clamped gates, weighed by a
// softmax of the chosen. OpenAI 2025.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/sliding.h"

namespace hearth::families {

Result<ModelSpec> gpt_oss(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  HEARTH_ASSIGN(const auto window, keys.count("attention.sliding_window", INT32_MAX));
  HEARTH_ASSIGN(const auto slides, read_sliding_layers(keys, spec.layers.size(), 2));
  for (size_t index = 0; index < spec.layers.size(); ++index) {
    LayerSpec& layer = spec.layers[index];
    layer.norms.feed_forward = {"post_attention_norm"};
    AttentionSpec& attention = attention_of(layer);
    attention.has_sinks = true;
    if (!slides[index]) continue;
    attention.window = window;
    HEARTH_ASSIGN(attention.rope, read_sliding_rope(keys, attention.rope));
  }
  ExpertFamily family;
  family.defaults.gating = ExpertGating::kSoftmaxOfChosen;
  family.defaults.normalize_weights = false;
  family.defaults.activation = Activation::kClampedSwish;
  HEARTH_TRY(read_experts(keys, family, spec));
  return spec;
}

}  // namespace hearth::families
