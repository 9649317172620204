#include "engine/format/codebook.h"

#include <cstring>
#include <limits>

namespace hearth {

void Codebook::index_points() {
  highest_ = *std::max_element(coordinates_.begin(), coordinates_.end());
  const size_t width = dimensions_ / 2;
  for (size_t point = 0; point < coordinates_.size() / dimensions_; ++point) {
    const std::span<const float> whole(coordinates_.data() + point * dimensions_, dimensions_);
    const size_t first = add_half(first_, whole.first(width));
    const size_t second = add_half(second_, whole.last(width));
    ends_.resize(std::max(ends_.size(), first + 1));
    ends_[first].push_back({static_cast<uint16_t>(second), static_cast<uint16_t>(point)});
  }
}

// The number of this half, which is added if it is new.
size_t Codebook::add_half(Halves& halves, std::span<const float> half) const {
  const auto at = [&](size_t number, size_t i) -> float& {
    return halves.lanes[(number / kLanes * half.size() + i) * kLanes + number % kLanes];
  };
  for (size_t number = 0; number < halves.count; ++number) {
    size_t same = 0;
    while (same < half.size() && at(number, same) == half[same]) ++same;
    if (same == half.size()) return number;
  }
  // Until others follow, the rest of a vector is this half, too.
  const size_t end = (halves.count / kLanes + 1) * kLanes;
  halves.lanes.resize(end * half.size());
  for (size_t number = halves.count; number < end; ++number) {
    for (size_t i = 0; i < half.size(); ++i) at(number, i) = half[i];
  }
  return halves.count++;
}

// w (s p - x)^2 = s^2 w p^2 - 2 s w p x + w x^2 is least where w p (p / 2 - x / s) is.
float Codebook::find_distances(const Halves& halves, const float* values, const float* weights, float scale,
                               Distances& distances) const {
  const size_t width = dimensions_ / 2;
  std::array<float, 4> scaled;
  for (size_t i = 0; i < width; ++i) scaled[i] = values[i] / scale;
  Lanes least = Lanes{} + std::numeric_limits<float>::infinity();
  for (size_t at = 0; at < halves.count; at += kLanes) {
    Lanes sums{};
    for (size_t i = 0; i < width; ++i) {
      Lanes coordinates;
      std::memcpy(&coordinates, halves.lanes.data() + at * width + i * kLanes, sizeof coordinates);
      sums += weights[i] * coordinates * (0.5F * coordinates - scaled[i]);
    }
    std::memcpy(distances.data() + at, &sums, sizeof sums);
    least = sums < least ? sums : least;
  }
  return std::min(std::min(least[0], least[1]), std::min(least[2], least[3]));
}

// Starts from the nearest first half and passes over those that no second half could make up for.
size_t Codebook::nearest(const float* values, const float* weights, float scale) const {
  const size_t width = dimensions_ / 2;
  Distances first;
  Distances second;
  const float least_first = find_distances(first_, values, weights, scale, first);
  const float least_second = find_distances(second_, values + width, weights + width, scale, second);
  size_t nearest = 0;
  float least = std::numeric_limits<float>::infinity();
  const auto look_at = [&](size_t half) {
    for (const End& end : ends_[half]) {
      const float distance = first[half] + second[end.second];
      if (distance >= least) continue;
      least = distance;
      nearest = end.point;
    }
  };
  size_t nearest_half = 0;
  while (nearest_half + 1 < first_.count && first[nearest_half] != least_first) ++nearest_half;
  look_at(nearest_half);
  for (size_t half = 0; half < first_.count; ++half) {
    if (first[half] + least_second < least) look_at(half);
  }
  return nearest;
}

}  // namespace hearth
