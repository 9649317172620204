// DBRX: layer norms without biases, queries, keys and values held within bounds, all layers of experts.
// Databricks 2024.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> dbrx(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kLayer, RopePairs::kHalves));
  HEARTH_ASSIGN(const auto clamp, keys.number("attention.clamp_kqv"));
  if (!clamp) return keys.invalid("attention.clamp_kqv", "is missing");
  if (*clamp < 0.0F) return keys.invalid("attention.clamp_kqv", "must not be negative");
  for (LayerSpec& layer : spec.layers) {
    attention_of(layer).clamp = *clamp;
    layer.norms.feed_forward = {"attn_output_norm"};
  }
  HEARTH_TRY(read_experts(keys, {.is_as_wide_as_network = true}, spec));
  return spec;
}

}  // namespace hearth::families
