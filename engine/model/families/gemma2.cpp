// Gemma 2: Gemma with norms after each block, soft caps, and every other layer sliding. Gemma Team 2024.
#include <cmath>

#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> gemma2(const Gguf& gguf) {
  HEARTH_ASSIGN(ModelSpec spec, gemma(gguf));
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  spec.post_norms = true;
  HEARTH_ASSIGN(const auto attention_cap, keys.number("attn_logit_softcapping"));
  spec.attention_soft_cap = attention_cap.value_or(50.0F);
  HEARTH_ASSIGN(const auto final_cap, keys.number("final_logit_softcapping"));
  spec.final_soft_cap = final_cap.value_or(30.0F);

  // The 27B model (46 layers) scales by the width per head instead of the head's own dimension.
  constexpr int32_t kLayersOf27B = 46;
  if (spec.n_layer == kLayersOf27B) {
    spec.attention_scale =
        1.0F / std::sqrt(static_cast<float>(spec.n_embd) / static_cast<float>(spec.n_head));
  }
  HEARTH_ASSIGN(const auto window, keys.optional_count("attention.sliding_window", INT32_MAX));
  spec.window = window.value_or(4096);
  spec.sliding_rope = spec.rope;
  for (int32_t layer = 0; layer < spec.n_layer; ++layer) spec.is_sliding.push_back(layer % 2 == 0);
  return spec;
}

}  // namespace hearth::families
