// Talkie: norms without weights, of what is looked up, too, which every layer adds a share of; each head of q
// and k is normalised after it turns, and q scaled head by head. Talkie 2026.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> talkie(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  HEARTH_ASSIGN(const auto scale, keys.number("logit_scale"));
  if (scale.value_or(0.0F) == 0.0F)
    return keys.invalid("logit_scale", scale ? "must not be 0" : "is missing");
  spec.head.logit_scale = *scale;
  spec.head.norm.has_weights = false;
  spec.embedding.norm = spec.head.norm;
  spec.carried_width = spec.n_embd();
  spec.carries_embedding = true;
  for (LayerSpec& layer : spec.layers) {
    layer.norm.has_weights = false;
    layer.adds_embedding = true;
    attention_of(layer).turns_before_norm = true;
  }
  normalise_heads(spec, HeadNorm::kEachBare);
  return spec;
}

}  // namespace hearth::families
