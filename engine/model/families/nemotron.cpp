// Nemotron 4 and Minitron (Parmar et al. 2024): layer norms, partial rope, a plain feed-forward network of
// squares.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> nemotron(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kLayer, RopePairs::kHalves));
  for (LayerSpec& layer : spec.layers) {
    layer.feed_forward = PlainSpec{std::get<GatedSpec>(layer.feed_forward).n_ff, Activation::kReluSquared};
  }
  return spec;
}

}  // namespace hearth::families
