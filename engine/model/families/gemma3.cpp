// Gemma 3: Gemma with norms after each block and on q and k; five sliding layers, with a rope of their own,
// to each full one. Gemma Team 2025.
#include <cmath>

#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> gemma3(const Gguf& gguf) {
  HEARTH_ASSIGN(ModelSpec spec, gemma(gguf));
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  spec.post_norms = true;
  spec.query_key_norm = true;

  // The 27B model (62 layers) scales by the width per head instead of the head's own dimension.
  constexpr int32_t kLayersOf27B = 62;
  if (spec.n_layer == kLayersOf27B) {
    spec.attention_scale =
        1.0F / std::sqrt(static_cast<float>(spec.n_embd) / static_cast<float>(spec.n_head));
  }
  HEARTH_ASSIGN(const auto window, keys.optional_count("attention.sliding_window", INT32_MAX));
  spec.window = window.value_or(0);
  if (spec.window > 0) {
    spec.sliding_rope = spec.rope;
    spec.sliding_rope.frequency_scale = 1.0F;
    HEARTH_ASSIGN(const auto sliding_base, keys.number("rope.freq_base_swa"));
    spec.sliding_rope.theta_base = sliding_base.value_or(10000.0F);
    for (int32_t layer = 0; layer < spec.n_layer; ++layer) spec.is_sliding.push_back(layer % 6 != 5);
  }
  return spec;
}

}  // namespace hearth::families
