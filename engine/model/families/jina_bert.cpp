// Jina's BERTs. The second has no positions but what a score loses by distance (ALiBi), and a gated
// feed-forward network with GELU (Guenther et al. 2023); the third is XLM-RoBERTa with rope (Sturua et al.
// 2024).
#include "engine/model/families/bert.h"
#include "engine/model/families/family.h"

namespace hearth::families {

Result<ModelSpec> jina_bert_v2(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_encoder(keys));
  for (LayerSpec& layer : spec.layers) {
    AttentionSpec& attention = attention_of(layer);
    attention.rope = {.dimensions = 0};
    attention.alibi_bias = 8.0F;
    attention.query_key_norm = layer.norm;
    attention.head_norm = HeadNorm::kAll;
    attention.query_key_norm_is_optional = true;
    layer.feed_forward = GatedSpec{std::get<PlainSpec>(layer.feed_forward).n_ff, Activation::kGeluTanh};
  }
  return spec;
}

Result<ModelSpec> jina_bert_v3(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  return read_encoder(keys);
}

}  // namespace hearth::families
