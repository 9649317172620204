// Hunyuan's dense models (Tencent 2025): each head of q and k is normalised after it turns; the base of rope
// grows with the context (NTK-aware scaling). Of Hunyuan VL and Hunyuan OCR (Tencent 2025) what reads texts
// is the same: a token's four positions are one there.
#include <cmath>

#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> hunyuan_dense(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  HEARTH_ASSIGN(const auto alpha, keys.number("rope.scaling.alpha"));
  for (LayerSpec& layer : spec.layers) {
    AttentionSpec& attention = attention_of(layer);
    attention.query_key_norm = layer.norm;
    attention.turns_before_norm = true;
    if (alpha.value_or(0.0F) <= 0.0F || attention.key_dimension <= 2) continue;
    const auto dimension = static_cast<float>(attention.key_dimension);
    attention.rope.theta_base *= std::pow(*alpha, dimension / (dimension - 2.0F));
  }
  spec.applied_keys = {"rope.scaling.alpha"};
  return spec;
}

Result<ModelSpec> hunyuan_vl(const Gguf& gguf) { return hunyuan_dense(gguf); }

}  // namespace hearth::families
