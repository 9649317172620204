#include "engine/model/spec.h"

#include <algorithm>

namespace hearth {

const AttentionSpec* find_attention(const LayerSpec& layer) {
  if (const auto* summed = std::get_if<SummedSpec>(&layer.mixer)) return &summed->attention;
  return std::get_if<AttentionSpec>(&layer.mixer);
}

const RopeSpec* rope_of(const MixerSpec& mixer) {
  if (const auto* attention = std::get_if<AttentionSpec>(&mixer)) return &attention->rope;
  if (const auto* summed = std::get_if<SummedSpec>(&mixer)) return &summed->attention.rope;
  if (const auto* latent = std::get_if<LatentAttentionSpec>(&mixer)) return &latent->rope;
  return nullptr;
}

bool ModelSpec::sees_both_ways() const {
  return !is_encoder_decoder() && std::any_of(layers.begin(), layers.end(), [](const LayerSpec& layer) {
    const AttentionSpec* const attention = find_attention(layer);
    return attention != nullptr && !attention->causal;
  });
}

}  // namespace hearth
