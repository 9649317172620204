// Phi 2: layer norm with bias, attention and a plain GELU feed-forward side by side, partial rope. Javaheripi
// et al. 2023.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> phi2(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, kLayerNormEpsilonKey, RopePairs::kHalves));
  spec.norm = NormKind::kLayer;
  spec.parallel_residual = true;
  spec.feed_forward = FeedForward::kPlain;
  spec.activation = Activation::kGeluTanh;
  return spec;
}

}  // namespace hearth::families
