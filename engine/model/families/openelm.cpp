// OpenELM (Mehta et al. 2024): Llama's shape whose layers grow wider and get more heads from the first to the
// last; every head of q and k is normalised before it turns.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> openelm(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  for (LayerSpec& layer : spec.layers) attention_of(layer).query_key_norm = layer.norm;
  return spec;
}

}  // namespace hearth::families
