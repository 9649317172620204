// Gemma 2: Gemma with norms after each block, soft caps, and every other layer sliding. Gemma Team 2024.
#include "engine/model/families/family.h"
#include "engine/model/families/gemma.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> gemma2(const Gguf& gguf) {
  HEARTH_ASSIGN(ModelSpec spec, gemma(gguf));
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(const auto attention_cap, keys.number("attn_logit_softcapping"));
  HEARTH_ASSIGN(const auto final_cap, keys.number("final_logit_softcapping"));
  HEARTH_ASSIGN(const auto window, keys.optional_count("attention.sliding_window", INT32_MAX));
  spec.head.soft_cap = final_cap.value_or(30.0F);
  for (size_t index = 0; index < spec.layers.size(); ++index) {
    AttentionSpec& attention = attention_of(spec.layers[index]);
    spec.layers[index].norms = kNormsBeforeAndAfter;
    attention.soft_cap = attention_cap.value_or(50.0F);
    if (index % 2 == 0) attention.window = window.value_or(4096);
  }
  constexpr int32_t kLayersOf27B = 46;
  if (spec.n_layer() == kLayersOf27B) scale_by_width_per_head(spec);
  return spec;
}

}  // namespace hearth::families
