// Maincoder (Maincode 2025): Llama's shape; every head of q and k is normalised after it turned.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> maincoder(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kAdjacent));
  for (LayerSpec& layer : spec.layers) {
    attention_of(layer).query_key_norm = layer.norm;
    attention_of(layer).turns_before_norm = true;
  }
  return spec;
}

}  // namespace hearth::families
