// openPangu-Embedded (Chen et al. 2025): Llama's shape with biases in attention.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> pangu_embedded(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  for (LayerSpec& layer : spec.layers) attention_of(layer).rope.uses_factors = false;
  return spec;
}

}  // namespace hearth::families
