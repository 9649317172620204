// BitNet b1.58 (Ma et al. 2024): Llama's shape with rope over halves; what the heads give and what the hidden
// layer gives is normalised before its last matrix; matrices of three values have a scale beside them.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> bitnet(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  for (LayerSpec& layer : spec.layers) {
    attention_of(layer).output_norm = layer.norm;
    std::get<GatedSpec>(layer.feed_forward).inner_norm = layer.norm;
  }
  return spec;
}

}  // namespace hearth::families
