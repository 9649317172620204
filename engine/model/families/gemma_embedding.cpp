// EmbeddingGemma: Gemma 3 as an encoder, in both directions, with dense layers behind its pooling. Schechter
// Vera et al. 2025.
#include "engine/model/encoder.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/sliding.h"

namespace hearth::families {

Result<ModelSpec> gemma_embedding(const Gguf& gguf) {
  HEARTH_ASSIGN(ModelSpec spec, gemma(gguf));
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(const auto window, keys.count("attention.sliding_window", INT32_MAX));
  HEARTH_ASSIGN(const auto sliding_base, keys.number("rope.freq_base_swa"));
  HEARTH_ASSIGN(const auto slides, read_sliding_layers(keys, spec.layers.size(), 6));
  HEARTH_ASSIGN(const auto hidden, keys.optional_count("dense_2_feat_out", kMaxWidth));
  spec.network = make_encoder;
  spec.dense_layers.hidden = hidden.value_or(0);
  for (size_t index = 0; index < spec.layers.size(); ++index) {
    LayerSpec& layer = spec.layers[index];
    layer.norms = kNormsBeforeAndAfter;
    AttentionSpec& attention = attention_of(layer);
    attention.causal = false;
    attention.query_key_norm = layer.norm;
    if (!slides[index]) continue;
    attention.window = window;
    attention.rope.frequency_scale = 1.0F;
    attention.rope.theta_base = sliding_base.value_or(10000.0F);
  }
  return spec;
}

}  // namespace hearth::families
