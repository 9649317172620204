// SmolLM 3: Llama's shape, but that positions turn nothing in every fourth layer (Yang et al. 2025, "RNoPE").
// Bakouch et al. 2025.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> smollm3(const Gguf& gguf) {
  constexpr size_t kPeriod = 4;
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kAdjacent));
  for (size_t index = kPeriod - 1; index < spec.layers.size(); index += kPeriod) {
    attention_of(spec.layers[index]).rope.dimensions = 0;
  }
  return spec;
}

}  // namespace hearth::families
