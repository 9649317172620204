// Ministral 3 (Liu et al. 2026): Llama's shape, with queries that grow with their position and what YaRN
// makes of their magnitude taken back.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> mistral3(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kAdjacent));
  HEARTH_ASSIGN(const auto temperature, keys.number("attention.temperature_scale"));
  HEARTH_ASSIGN(const auto log_multiplier, keys.number("rope.scaling.yarn_log_multiplier"));
  for (LayerSpec& layer : spec.layers) {
    AttentionSpec& attention = attention_of(layer);
    attention.rope.yarn_log_multiplier = log_multiplier.value_or(0.0F);
    attention.temperature = {.scale = temperature.value_or(0.0F), .length = attention.rope.original_context};
    if (attention.temperature.scale != 0.0F && attention.temperature.length == 0) {
      return keys.invalid("rope.scaling.original_context_length", "must be above 0 with a temperature");
    }
  }
  HEARTH_ASSIGN(const auto experts, keys.optional_count("expert_count", INT32_MAX));
  if (experts.value_or(0) > 0) HEARTH_TRY(read_experts(keys, {}, spec));
  return spec;
}

}  // namespace hearth::families
