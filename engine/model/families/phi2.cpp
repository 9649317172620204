// Phi 2: layer norm with bias, attention and a plain GELU feed-forward side by side, partial rope. Javaheripi
// et al. 2023.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> phi2(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kLayer, RopePairs::kHalves));
  for (LayerSpec& layer : spec.layers) {
    layer.norms = kOneNorm;
    layer.feed_forward = PlainSpec{std::get<GatedSpec>(layer.feed_forward).n_ff, Activation::kGeluTanh};
  }
  return spec;
}

}  // namespace hearth::families
