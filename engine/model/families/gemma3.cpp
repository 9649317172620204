// Gemma 3: Gemma with norms after each block and on q and k; five sliding layers, with a rope of their own,
// to each full one. Gemma Team 2025.
#include "engine/model/families/family.h"
#include "engine/model/families/gemma.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/sliding.h"

namespace hearth::families {

Result<ModelSpec> gemma3(const Gguf& gguf) {
  HEARTH_ASSIGN(ModelSpec spec, gemma(gguf));
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(spec.head.soft_cap, read_soft_cap(keys, "final_logit_softcapping", 0.0F));
  HEARTH_ASSIGN(const auto window, keys.optional_count("attention.sliding_window", INT32_MAX));
  HEARTH_ASSIGN(const auto sliding_base, keys.number("rope.freq_base_swa"));
  HEARTH_ASSIGN(const auto slides, read_sliding_layers(keys, spec.layers.size(), 6));
  for (size_t index = 0; index < spec.layers.size(); ++index) {
    LayerSpec& layer = spec.layers[index];
    AttentionSpec& attention = attention_of(layer);
    layer.norms = kNormsBeforeAndAfter;
    attention.query_key_norm = layer.norm;
    if (window.value_or(0) == 0 || !slides[index]) continue;
    attention.window = *window;
    attention.rope.frequency_scale = 1.0F;
    attention.rope.theta_base = sliding_base.value_or(10000.0F);
  }
  constexpr int32_t kLayersOf27B = 62;
  if (spec.n_layer() == kLayersOf27B) scale_by_width_per_head(spec);
  return spec;
}

}  // namespace hearth::families
