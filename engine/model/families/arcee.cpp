// AFM (Arcee 2025): Llama's shape with a plain feed-forward network of squares.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> arcee(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kAdjacent));
  for (LayerSpec& layer : spec.layers) {
    layer.feed_forward = PlainSpec{std::get<GatedSpec>(layer.feed_forward).n_ff, Activation::kReluSquared};
  }
  return spec;
}

}  // namespace hearth::families
