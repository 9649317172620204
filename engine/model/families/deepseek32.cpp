// DeepSeek V3.2 (DeepSeek-AI 2025) and GLM 5 (GLM-5 Team 2026): DeepSeek V3 with an indexer, which chooses
// the positions that a row attends to. It chooses all of them where they are no more than it may, and so far
// go the contexts of these models here; its tensors are not read.
#include <algorithm>

#include "engine/model/families/deepseek.h"
#include "engine/model/families/family.h"
#include "engine/model/families/latent_attention.h"

namespace hearth::families {
namespace {

Result<void> read_indexer(const Hyperparameters& keys, ModelSpec& spec) {
  LatentIndexer indexer;
  HEARTH_ASSIGN(indexer.n_head, keys.count("attention.indexer.head_count", kMaxWidth));
  HEARTH_ASSIGN(indexer.key_dimension, keys.count("attention.indexer.key_length", kMaxWidth));
  if (int64_t{indexer.n_head} * indexer.key_dimension > kMaxWidth) {
    return keys.invalid("attention.indexer.head_count", "times its key_length is above any model's width");
  }
  HEARTH_ASSIGN(spec.most_positions, keys.count("attention.indexer.top_k", INT32_MAX));
  spec.context_length = std::min(spec.context_length, spec.most_positions);
  for (LayerSpec& layer : spec.layers) {
    auto& latent = std::get<LatentAttentionSpec>(layer.mixer);
    if (!latent.absorbed) return keys.invalid("attention.key_length_mla", "is missing");
    if (latent.q_lora_rank == 0) return keys.invalid("attention.q_lora_rank", "is missing, or 0");
    latent.indexer = indexer;
  }
  return {};
}

}  // namespace

Result<ModelSpec> deepseek32(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_deepseek(keys));
  HEARTH_ASSIGN(const float multiplier, read_yarn_multiplier(keys));
  grow_with_context(multiplier, spec);
  HEARTH_TRY(read_indexer(keys, spec));
  HEARTH_TRY(read_deepseek_experts(keys, ExpertGating::kSigmoid, spec));
  return spec;
}

Result<ModelSpec> glm_dsa(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_deepseek(keys));
  grow_with_context(0.0F, spec);
  HEARTH_TRY(read_indexer(keys, spec));
  HEARTH_TRY(read_deepseek_experts(keys, ExpertGating::kSigmoid, spec));
  return spec;
}

}  // namespace hearth::families
