// Command R (Cohere 2024): attention and a gated feed-forward network side by side, of one norm; the large
// one normalises each head of q and k by weights of its own. Command R7B and Command A (Cohere 2025): three
// layers slide to each that sees everything, without positions.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/sliding.h"

namespace hearth::families {
namespace {

Result<ModelSpec> read_cohere(const Hyperparameters& keys) {
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kLayer, RopePairs::kAdjacent));
  HEARTH_ASSIGN(const auto scale, keys.number("logit_scale"));
  if (scale.value_or(0.0F) != 0.0F) spec.head.logit_scale = *scale;
  for (LayerSpec& layer : spec.layers) layer.norms = kOneNorm;
  return spec;
}

}  // namespace

Result<ModelSpec> command_r(const Gguf& gguf) {
  constexpr int32_t kLayersOfPlus = 64;
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_cohere(keys));
  if (spec.n_layer() < kLayersOfPlus) return spec;
  for (LayerSpec& layer : spec.layers) {
    attention_of(layer).query_key_norm = layer.norm;
    attention_of(layer).head_norm = HeadNorm::kEachOwn;
  }
  return spec;
}

Result<ModelSpec> cohere2(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_cohere(keys));
  HEARTH_TRY(turn_only_where_it_slides(keys, spec));
  return spec;
}

}  // namespace hearth::families
