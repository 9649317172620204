#include "engine/format/codebook.h"

#include <limits>

namespace hearth {

// |s p - x|^2 = s^2 |p|^2 - 2 s p.x + |x|^2 is least where |p|^2 / 2 - p.(x / s) is.
size_t Codebook::nearest(const float* values, float scale) const {
  std::array<float, 8> scaled{};
  for (size_t i = 0; i < dimensions_; ++i) scaled[i] = values[i] / scale;
  size_t nearest = 0;
  float least = std::numeric_limits<float>::infinity();
  for (size_t tile = 0; tile < tiles_; ++tile) {
    Tile distances = half_norms_[tile];
    for (size_t i = 0; i < dimensions_; ++i) {
      const Tile& coordinates = values_[tile * dimensions_ + i];
      for (size_t k = 0; k < kTile; ++k) distances[k] -= scaled[i] * coordinates[k];
    }
    const auto in_tile = std::min_element(distances.begin(), distances.end());
    if (*in_tile < least) {
      least = *in_tile;
      nearest = tile * kTile + static_cast<size_t>(in_tile - distances.begin());
    }
  }
  return nearest;
}

}  // namespace hearth
