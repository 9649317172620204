// StableLM (Bellagente et al. 2024): layer norms, gated feed-forward networks, rope in some of each head's
// dimensions. The 12B has norms on q and k, and its layers no second norm: attention and the feed-forward
// network stand side by side.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> stablelm(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kLayer, RopePairs::kHalves));
  for (LayerSpec& layer : spec.layers) {
    layer.norms.feed_forward = {"ffn_norm", "attn_norm"};
    AttentionSpec& attention = attention_of(layer);
    attention.query_key_norm = layer.norm;
    attention.head_norm = HeadNorm::kEachOwn;
    attention.query_key_norm_is_optional = true;
  }
  return spec;
}

}  // namespace hearth::families
