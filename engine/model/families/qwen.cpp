// Qwen 1 (Bai et al. 2023): Llama's shape with biases on q, k and v in one matrix, and rope over halves. Its
// files give the width of gate and up together.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> qwen(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  for (LayerSpec& layer : spec.layers) {
    auto& gated = std::get<GatedSpec>(layer.feed_forward);
    if (gated.n_ff % 2 != 0) return keys.invalid("feed_forward_length", "must be even");
    gated.n_ff /= 2;
  }
  return spec;
}

}  // namespace hearth::families
