// Gemma 1: embeddings scaled by sqrt(n_embd), GELU gates. (Its norm's "1 + weight" is folded into the file's
// weights.) Gemma Team 2024.
#include "engine/model/families/gemma.h"

#include <cmath>

#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> gemma(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  for (LayerSpec& layer : spec.layers) {
    std::get<GatedSpec>(layer.feed_forward).activation = Activation::kGeluTanh;
  }
  spec.embedding.scale = std::sqrt(static_cast<float>(spec.n_embd()));
  return spec;
}

void scale_by_width_per_head(ModelSpec& spec) {
  for (LayerSpec& layer : spec.layers) {
    AttentionSpec& attention = attention_of(layer);
    attention.scale =
        1.0F / std::sqrt(static_cast<float>(spec.n_embd()) / static_cast<float>(attention.n_head));
  }
}

}  // namespace hearth::families
