// Granite 3 (Granite Team 2024): Llama's shape with multipliers of the embedding, of scores, of what each
// part of a layer adds and of logits; after MiniCPM (Hu et al. 2024), which has fixed ones.
#include "engine/model/families/granite.h"

#include <cmath>

#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"

namespace hearth::families {

Result<void> read_multipliers(const Hyperparameters& keys, Multipliers defaults, ModelSpec& spec) {
  HEARTH_ASSIGN(const auto embedding, keys.number("embedding_scale"));
  HEARTH_ASSIGN(const auto residual, keys.number("residual_scale"));
  HEARTH_ASSIGN(const auto logits, keys.number("logit_scale"));
  const auto or_one = [](float factor) { return factor == 0.0F ? 1.0F : factor; };
  spec.embedding.scale = or_one(embedding.value_or(defaults.embedding));
  for (LayerSpec& layer : spec.layers) {
    layer.mixer_scale = layer.feed_forward_scale = or_one(residual.value_or(defaults.residual));
  }
  const float divisor = logits.value_or(defaults.logits);
  if (divisor == 0.0F) return keys.invalid("logit_scale", logits ? "must not be 0" : "is missing");
  spec.head.logit_scale = 1.0F / divisor;
  return {};
}

Result<void> read_whether_positions_turn(const Hyperparameters& keys, ModelSpec& spec) {
  HEARTH_ASSIGN(const auto turn, keys.flag("rope.scaling.finetuned"));
  if (turn.value_or(true)) return {};
  for (LayerSpec& layer : spec.layers) {
    if (auto* attention = std::get_if<AttentionSpec>(&layer.mixer)) attention->rope.dimensions = 0;
  }
  return {};
}

Result<void> read_experts_of_granite(const Hyperparameters& keys, ModelSpec& spec) {
  HEARTH_ASSIGN(const auto count, keys.optional_count("expert_count", kMaxExperts));
  if (count.value_or(0) == 0) return {};
  HEARTH_ASSIGN(const auto shared, keys.optional_count("expert_shared_feed_forward_length", kMaxWidth));
  HEARTH_TRY(read_experts(keys, {.is_as_wide_as_network = true}, spec));
  add_shared_expert(spec, {.n_ff = shared.value_or(0)});
  return {};
}

Result<ModelSpec> granite(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kAdjacent));
  HEARTH_TRY(read_multipliers(keys, {}, spec));
  HEARTH_TRY(read_whether_positions_turn(keys, spec));
  HEARTH_TRY(read_experts_of_granite(keys, spec));
  return spec;
}

Result<ModelSpec> minicpm(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kAdjacent));
  // Of files without the keys: scale_emb 12, scale_depth 1.4 and dim_model_base 256 of MiniCPM's config.
  const Multipliers published{.embedding = 12.0F,
                              .residual = 1.4F / std::sqrt(static_cast<float>(spec.n_layer())),
                              .logits = static_cast<float>(spec.n_embd()) / 256.0F};
  HEARTH_TRY(read_multipliers(keys, published, spec));
  HEARTH_TRY(read_experts_of_granite(keys, spec));
  return spec;
}

}  // namespace hearth::families
