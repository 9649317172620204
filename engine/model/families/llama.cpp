// Llama 1 to 3 and what shares its shape: Mistral, TinyLlama, SmolLM; with experts, Mixtral.
// Touvron et al. 2023; Jiang et al. 2024 (Mixtral).
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> llama(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kAdjacent));
  HEARTH_ASSIGN(const auto experts, keys.optional_count("expert_count", INT32_MAX));
  if (experts.value_or(0) > 0) HEARTH_TRY(read_experts(keys, {}, spec));
  return spec;
}

}  // namespace hearth::families
