// Falcon H1 (Zuo et al. 2025): attention and Mamba 2 side by side in every layer. Files have its multipliers
// in their weights.
#include "engine/model/families/family.h"
#include "engine/model/families/state_space.h"

namespace hearth::families {

Result<ModelSpec> falcon_h1(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  HEARTH_ASSIGN(Mamba2Spec mamba, read_mamba2(keys, spec));
  mamba.may_lack_norm = true;
  for (LayerSpec& layer : spec.layers) layer.mixer = SummedSpec{attention_of(layer), mamba};
  return spec;
}

}  // namespace hearth::families
