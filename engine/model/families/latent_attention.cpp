#include "engine/model/families/latent_attention.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hearth::families {
namespace {

Result<void> check(const Hyperparameters& keys, const LatentAttentionSpec& latent) {
  if (latent.rope.dimensions == 0 || latent.rope.dimensions >= latent.key_dimension) {
    return keys.invalid("rope.dimension_count",
                        fmt::format("{} must be above 0 and below the {} dimensions of a head",
                                    latent.rope.dimensions, latent.key_dimension));
  }
  const int64_t widest = std::max({int64_t{latent.key_dimension}, int64_t{latent.value_dimension},
                                   int64_t{latent.kv_lora_rank} + latent.rope.dimensions});
  if (latent.n_head * widest > kMaxWidth) {
    return keys.invalid("attention.head_count", "times a head's dimensions is above any model's width");
  }
  return {};
}

}  // namespace

Result<void> read_latent_attention(const Hyperparameters& keys, ModelSpec& spec) {
  HEARTH_ASSIGN(const auto q_lora_rank, keys.optional_count("attention.q_lora_rank", kMaxWidth));
  HEARTH_ASSIGN(const int32_t kv_lora_rank, keys.count("attention.kv_lora_rank", kMaxWidth));
  HEARTH_ASSIGN(const auto key_length, keys.optional_count("attention.key_length_mla", kMaxWidth));
  HEARTH_ASSIGN(const auto value_length, keys.optional_count("attention.value_length_mla", kMaxWidth));
  const bool absorbed = key_length.value_or(0) > 0;
  if (absorbed != (value_length.value_or(0) > 0)) {
    return keys.invalid("attention.value_length_mla", "and key_length_mla must both be there, or neither");
  }
  for (LayerSpec& layer : spec.layers) {
    if (!std::holds_alternative<AttentionSpec>(layer.mixer)) continue;
    const AttentionSpec attention = attention_of(layer);
    LatentAttentionSpec latent;
    latent.n_head = attention.n_head;
    latent.q_lora_rank = q_lora_rank.value_or(0);
    latent.kv_lora_rank = kv_lora_rank;
    latent.key_dimension = absorbed ? *key_length : attention.key_dimension;
    latent.value_dimension = absorbed ? *value_length : attention.value_dimension;
    latent.absorbed = absorbed;
    latent.scale = 1.0F / std::sqrt(static_cast<float>(latent.key_dimension));
    latent.norm = layer.norm;
    latent.rope = attention.rope;
    HEARTH_TRY(check(keys, latent));
    layer.mixer = latent;
  }
  return {};
}

Result<float> read_yarn_multiplier(const Hyperparameters& keys) {
  HEARTH_ASSIGN(const auto tenth, keys.number("rope.scaling.yarn_log_multiplier"));
  return tenth.value_or(0.0F) / 0.1F;  // which yarn_magnitude multiplies it with
}

// DeepSeek's configuration has two multipliers of YaRN's growth (Peng et al. 2023, section 3.4): by `mscale`
// the turning dimensions of queries and of keys grow, over what they do by `mscale_all_dim`, by which all do,
// so that scores grow by its square. Files say the latter alone; the former is the same in DeepSeek V2's, and
// 1 in others.
void grow_with_context(float multiplier, ModelSpec& spec) {
  const bool are_same = spec.architecture == "deepseek2" && multiplier != 0.0F;
  for (LayerSpec& layer : spec.layers) {
    auto& latent = std::get<LatentAttentionSpec>(layer.mixer);
    RopeSpec& rope = latent.rope;
    rope.yarn_log_multiplier = are_same ? 1.0F : multiplier;
    const float stretch = 1.0F / rope.frequency_scale;
    const float turning =
        rope.attention_factor *
        (rope.yarn ? yarn_magnitude(stretch, 1.0F) / yarn_magnitude(stretch, rope.yarn_log_multiplier)
                   : 1.0F + 0.1F * std::log(stretch));
    const float all = turning * (1.0F + 0.1F * multiplier * std::log(stretch));
    latent.scale *= all * all;
  }
}

}  // namespace hearth::families
