#include "engine/model/spec.h"

#include <algorithm>

namespace hearth {

bool ModelSpec::is_encoder() const {
  return std::any_of(layers.begin(), layers.end(), [](const LayerSpec& layer) {
    const auto* attention = std::get_if<AttentionSpec>(&layer.mixer);
    return attention != nullptr && !attention->causal;
  });
}

}  // namespace hearth
