#include "engine/format/codebook.h"

#include <algorithm>

namespace hearth {

// |s p - x|^2 = s^2 |p|^2 - 2 s p.x + |x|^2 is least where |p|^2 / 2 - p.(x / s) is.
size_t Codebook::nearest(const float* values, float scale) const {
  constexpr size_t kLargestGrid = 2048;
  std::array<float, kLargestGrid> distances;
  std::copy(half_norms_.begin(), half_norms_.end(), distances.begin());
  for (size_t i = 0; i < dimensions_; ++i) {
    const float value = values[i] / scale;
    const float* coordinates = values_.data() + i * size_;
    for (size_t point = 0; point < size_; ++point) distances[point] -= value * coordinates[point];
  }
  return static_cast<size_t>(std::min_element(distances.begin(), distances.begin() + size_) -
                             distances.begin());
}

}  // namespace hearth
