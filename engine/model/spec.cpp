#include "engine/model/spec.h"

#include <algorithm>

namespace hearth {

const RopeSpec* rope_of(const MixerSpec& mixer) {
  if (const auto* attention = std::get_if<AttentionSpec>(&mixer)) return &attention->rope;
  if (const auto* latent = std::get_if<LatentAttentionSpec>(&mixer)) return &latent->rope;
  return nullptr;
}

bool ModelSpec::is_encoder() const {
  return std::any_of(layers.begin(), layers.end(), [](const LayerSpec& layer) {
    const auto* attention = std::get_if<AttentionSpec>(&layer.mixer);
    return attention != nullptr && !attention->causal;
  });
}

}  // namespace hearth
