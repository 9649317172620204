// Qwen 3, dense and with experts: every head of q and k is normalised before it turns. Yang et al. 2025.
// Of Qwen 3 VL (Bai et al. 2025) what reads texts is the same: nothing is added to layers where there is no
// image.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/rope_sections.h"

namespace hearth::families {

Result<ModelSpec> qwen3(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  for (LayerSpec& layer : spec.layers) attention_of(layer).query_key_norm = layer.norm;
  // Qwen 3 Reranker: whether the answer would be yes or no.
  spec.rank_pooling = Pooling::kLast;
  spec.classifier.softmax = true;
  return spec;
}

Result<ModelSpec> qwen3vl(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, qwen3(gguf));
  HEARTH_TRY(apply_rope_sections(keys, true, spec));
  return spec;
}

Result<ModelSpec> qwen3moe(const Gguf& gguf) {
  HEARTH_ASSIGN(ModelSpec spec, qwen3(gguf));
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_TRY(read_experts(keys, {.divides_width = true}, spec));
  return spec;
}

Result<ModelSpec> qwen3vlmoe(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, qwen3moe(gguf));
  HEARTH_TRY(apply_rope_sections(keys, true, spec));
  return spec;
}

}  // namespace hearth::families
