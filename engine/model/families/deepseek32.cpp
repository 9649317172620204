// DeepSeek V3.2 (DeepSeek-AI 2025) and GLM 5 (GLM-5 Team 2026): DeepSeek V3 with an indexer, which chooses
// the positions that a row attends to.
#include "engine/model/families/deepseek.h"
#include "engine/model/families/family.h"
#include "engine/model/families/indexer.h"
#include "engine/model/families/latent_attention.h"

namespace hearth::families {
namespace {

/// Of every layer, once its attention is read.
Result<void> read_position_indexer(const Hyperparameters& keys, RopePairs pairs, ModelSpec& spec) {
  HEARTH_ASSIGN(PositionIndexerSpec indexer, read_indexer(keys));
  for (LayerSpec& layer : spec.layers) {
    auto& latent = std::get<LatentAttentionSpec>(layer.mixer);
    if (!latent.absorbed) return keys.invalid("attention.key_length_mla", "is missing");
    if (latent.q_lora_rank == 0) return keys.invalid("attention.q_lora_rank", "is missing, or 0");
    indexer.q_lora_rank = latent.q_lora_rank;
    HEARTH_TRY(turn_indexer(keys, latent.rope, indexer));
    indexer.rope.pairs = pairs;
    latent.indexer = indexer;
  }
  return carry_chosen_positions(keys, indexer, spec);
}

/// Whether each layer of GLM 5 chooses; the others look at what the last that did chose. Files of 5.2 that do
/// not say so, which a context of a million positions tells, have it in the first two layers and from there
/// in every fourth.
Result<void> read_choosing_layers(const Hyperparameters& keys, ModelSpec& spec) {
  constexpr int32_t kContextOf52 = 1 << 20;
  HEARTH_ASSIGN(const auto types, keys.counts("attention.indexer.types", spec.layers.size(), 1));
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    const bool by_default = spec.context_length < kContextOf52 || i < 2 || i % 4 == 2;
    std::get<LatentAttentionSpec>(spec.layers[i].mixer).indexer.chooses =
        types.empty() ? by_default : types[i] == 1;
  }
  if (!std::get<LatentAttentionSpec>(spec.layers.front().mixer).indexer.chooses) {
    return keys.invalid("attention.indexer.types", "leaves the first layer nothing to look at");
  }
  return {};
}

}  // namespace

Result<ModelSpec> deepseek32(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_deepseek(keys));
  HEARTH_ASSIGN(const float multiplier, read_yarn_multiplier(keys));
  grow_with_context(multiplier, spec);
  HEARTH_TRY(read_position_indexer(keys, RopePairs::kHalves, spec));
  HEARTH_TRY(read_deepseek_experts(keys, ExpertGating::kSigmoid, spec));
  return spec;
}

Result<ModelSpec> glm_dsa(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_deepseek(keys));
  grow_with_context(0.0F, spec);
  HEARTH_TRY(read_position_indexer(keys, RopePairs::kAdjacent, spec));
  HEARTH_TRY(read_choosing_layers(keys, spec));
  HEARTH_TRY(read_deepseek_experts(keys, ExpertGating::kSigmoid, spec));
  return spec;
}

}  // namespace hearth::families
