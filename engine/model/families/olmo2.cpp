// OLMo 2 (OLMo Team 2025): norms behind each part, none before; one norm of all heads of q, and one of k.
// OLMo 3: three layers slide to each that sees everything, and positions are scaled in that alone.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/sliding.h"

namespace hearth::families {

Result<ModelSpec> olmo2(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  HEARTH_ASSIGN(const auto window, keys.optional_count("attention.sliding_window", INT32_MAX));
  HEARTH_ASSIGN(const auto slides, read_sliding_layers(keys, spec.layers.size(), 4));
  for (size_t index = 0; index < spec.layers.size(); ++index) {
    LayerSpec& layer = spec.layers[index];
    AttentionSpec& attention = attention_of(layer);
    layer.norms = kNormsAfter;
    attention.query_key_norm = layer.norm;
    attention.head_norm = HeadNorm::kAll;
    if (window.value_or(0) == 0 || !slides[index]) continue;
    attention.window = *window;
    attention.rope.frequency_scale = 1.0F;
    attention.rope.yarn = false;
    attention.rope.attention_factor = 1.0F;
  }
  return spec;
}

}  // namespace hearth::families
