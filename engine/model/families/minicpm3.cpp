// MiniCPM 3: latent attention in MiniCPM's scales of the embedding, of what each layer adds and of the
// logits. Hu et al. 2024.
#include <cmath>

#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/latent_attention.h"

namespace hearth::families {

Result<ModelSpec> minicpm3(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  HEARTH_TRY(read_latent_attention(keys, spec));
  // config.json: scale_emb, scale_depth and dim_model_base; files do not say them.
  spec.embedding.scale = 12.0F;
  const float depth_scale = 1.4F / std::sqrt(static_cast<float>(spec.n_layer()));
  for (LayerSpec& layer : spec.layers) layer.mixer_scale = layer.feed_forward_scale = depth_scale;
  spec.head.logit_scale = 256.0F / static_cast<float>(spec.n_embd());
  return spec;
}

}  // namespace hearth::families
