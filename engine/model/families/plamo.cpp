// PLaMo (Preferred Networks 2023): attention and a gated feed-forward network side by side, of one norm.
// PLaMo 3 (2025) has them one after the other, with norms before and after each and on q and k, and windows
// in all layers but every eighth.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/sliding.h"

namespace hearth::families {

Result<ModelSpec> plamo(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  for (LayerSpec& layer : spec.layers) layer.norms = kOneNorm;
  return spec;
}

Result<ModelSpec> plamo3(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  HEARTH_ASSIGN(const auto window, keys.optional_count("attention.sliding_window", INT32_MAX));
  HEARTH_ASSIGN(const auto slides, read_sliding_layers(keys, spec.layers.size(), 8));
  for (size_t index = 0; index < spec.layers.size(); ++index) {
    LayerSpec& layer = spec.layers[index];
    AttentionSpec& attention = attention_of(layer);
    layer.norms = kNormsBeforeAndAfter;
    attention.query_key_norm = layer.norm;
    if (window.value_or(0) == 0 || !slides[index]) continue;
    attention.window = *window;
    attention.rope.frequency_scale = 1.0F;
    attention.rope.theta_base = 10000.0F;
    HEARTH_ASSIGN(attention.rope, read_sliding_rope(keys, attention.rope));
  }
  return spec;
}

}  // namespace hearth::families
