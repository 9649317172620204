// Mellum 2: Qwen 3 with experts of which three layers of four slide, through a plain rope. JetBrains 2025.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/sliding.h"

namespace hearth::families {

Result<ModelSpec> mellum(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  normalise_heads(spec);
  HEARTH_ASSIGN(const auto window, keys.optional_count("attention.sliding_window", INT32_MAX));
  HEARTH_ASSIGN(const auto slides, read_sliding_layers(keys, spec.layers.size(), 4));
  for (size_t index = 0; index < spec.layers.size(); ++index) {
    AttentionSpec& attention = attention_of(spec.layers[index]);
    if (window.value_or(0) == 0 || !slides[index]) continue;
    attention.window = *window;
    attention.rope.frequency_scale = 1.0F;
    attention.rope.yarn = false;
    attention.rope.attention_factor = 1.0F;
  }
  HEARTH_TRY(read_experts(keys, {.divides_width = true}, spec));
  return spec;
}

}  // namespace hearth::families
