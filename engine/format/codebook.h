// Finding the grid point nearest to a group of values: the inner loop of encoding the IQ types.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace hearth {

/// The points of a grid as floats, laid out so that all of them are compared side by side.
class Codebook {
 public:
  /// Entries hold a value to a byte (iq_grids.h), read as int8_t; `shift` is added to each.
  template <typename Entry, size_t kSize>
  explicit Codebook(const std::array<Entry, kSize>& grid, float shift = 0.0F)
      : dimensions_(sizeof(Entry)), size_(kSize), values_(sizeof(Entry) * kSize), half_norms_(kSize) {
    for (size_t point = 0; point < kSize; ++point) {
      for (size_t i = 0; i < sizeof(Entry); ++i) {
        const auto level = static_cast<int8_t>(grid[point] >> (8 * i) & 0xFF);
        const float value = static_cast<float>(level) + shift;
        values_[i * kSize + point] = value;
        half_norms_[point] += value * value / 2;
        highest_ = std::max(highest_, value);
      }
    }
  }

  size_t dimensions() const { return dimensions_; }
  /// The largest value of any point.
  float highest() const { return highest_; }
  float value(size_t point, size_t i) const { return values_[i * size_ + point]; }

  /// The point p with the least squared distance between scale * p and `values` (as many as dimensions()).
  /// Requires scale > 0.
  size_t nearest(const float* values, float scale) const;

 private:
  size_t dimensions_;
  size_t size_;
  float highest_ = 0.0F;
  std::vector<float> values_;  // dimension by dimension
  std::vector<float> half_norms_;
};

}  // namespace hearth
