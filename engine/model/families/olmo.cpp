// OLMo (Groeneveld et al. 2024): norms without weights; queries, keys and values are kept within a range.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> olmo(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kLayer, RopePairs::kAdjacent));
  HEARTH_ASSIGN(const auto clamp, keys.number("attention.clamp_kqv"));
  if (clamp.value_or(0.0F) < 0.0F) return keys.invalid("attention.clamp_kqv", "must not be negative");
  spec.head.norm.has_weights = false;
  for (LayerSpec& layer : spec.layers) {
    layer.norm.has_weights = false;
    attention_of(layer).clamp = clamp.value_or(0.0F);
  }
  return spec;
}

}  // namespace hearth::families
