// Gemma 2: Gemma with norms after each block, soft caps, and every other layer sliding. Gemma Team 2024.
#include "engine/model/families/family.h"
#include "engine/model/families/gemma.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/sliding.h"

namespace hearth::families {

Result<ModelSpec> gemma2(const Gguf& gguf) {
  HEARTH_ASSIGN(ModelSpec spec, gemma(gguf));
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(const float attention_cap, read_soft_cap(keys, "attn_logit_softcapping", 50.0F));
  HEARTH_ASSIGN(spec.head.soft_cap, read_soft_cap(keys, "final_logit_softcapping", 30.0F));
  HEARTH_ASSIGN(const auto window, keys.optional_count("attention.sliding_window", INT32_MAX));
  HEARTH_ASSIGN(const auto slides, read_sliding_layers(keys, spec.layers.size(), 2));
  for (size_t index = 0; index < spec.layers.size(); ++index) {
    AttentionSpec& attention = attention_of(spec.layers[index]);
    spec.layers[index].norms = kNormsBeforeAndAfter;
    attention.soft_cap = attention_cap;
    if (!slides[index]) continue;
    attention.window = window.value_or(4096);
    HEARTH_ASSIGN(attention.rope, read_sliding_rope(keys, attention.rope));
  }
  constexpr int32_t kLayersOf27B = 46;
  if (spec.n_layer() == kLayersOf27B) scale_by_width_per_head(spec);
  return spec;
}

}  // namespace hearth::families
