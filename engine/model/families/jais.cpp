// Jais (Sengupta et al. 2023): ALiBi, SwiGLU, and scores divided by the width of a head, not by its root;
// Jais 2 (2025): rope, and a plain network with the square of ReLU (So et al. 2021).
#include "engine/model/families/family.h"
#include "engine/model/families/gpt.h"

namespace hearth::families {

Result<ModelSpec> jais(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kLayer, RopePairs::kHalves));
  HEARTH_TRY(read_alibi(keys, spec));
  for (LayerSpec& layer : spec.layers) {
    AttentionSpec& attention = attention_of(layer);
    attention.scale = 1.0F / static_cast<float>(attention.key_dimension);
  }
  return spec;
}

Result<ModelSpec> jais2(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_gpt(keys, RopePairs::kHalves));
  for (LayerSpec& layer : spec.layers) {
    std::get<PlainSpec>(layer.feed_forward).activation = Activation::kReluSquared;
  }
  return spec;
}

}  // namespace hearth::families
