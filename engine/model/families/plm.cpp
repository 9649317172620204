// PLM: latent attention, and feed-forward networks of two layers with squared ReLU. Deng et al. 2025.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/latent_attention.h"

namespace hearth::families {

Result<ModelSpec> plm(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kAdjacent));
  HEARTH_TRY(read_latent_attention(keys, spec));
  for (LayerSpec& layer : spec.layers) {
    const int64_t n_ff = std::get<GatedSpec>(layer.feed_forward).n_ff;
    layer.feed_forward = PlainSpec{n_ff, Activation::kReluSquared};
  }
  return spec;
}

}  // namespace hearth::families
