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
      : dimensions_(sizeof(Entry)),
        tiles_(kSize / kTile),
        values_(tiles_ * dimensions_),
        half_norms_(tiles_) {
    static_assert(kSize % kTile == 0);
    for (size_t point = 0; point < kSize; ++point) {
      for (size_t i = 0; i < dimensions_; ++i) {
        const auto level = static_cast<int8_t>(grid[point] >> (8 * i) & 0xFF);
        const float value = static_cast<float>(level) + shift;
        values_[point / kTile * dimensions_ + i][point % kTile] = value;
        half_norms_[point / kTile][point % kTile] += value * value / 2;
        highest_ = std::max(highest_, value);
      }
    }
  }

  size_t dimensions() const { return dimensions_; }
  /// The largest value of any point.
  float highest() const { return highest_; }
  float value(size_t point, size_t i) const {
    return values_[point / kTile * dimensions_ + i][point % kTile];
  }

  /// The point p with the least squared distance between scale * p and `values` (as many as dimensions()).
  /// Requires scale > 0.
  size_t nearest(const float* values, float scale) const;

 private:
  // Points are compared a tile at a time: a loop of fixed length that compilers turn into vector
  // instructions.
  static constexpr size_t kTile = 16;
  using Tile = std::array<float, kTile>;

  size_t dimensions_;
  size_t tiles_;
  float highest_ = 0.0F;
  std::vector<Tile> values_;  // of the first tile's points, dimension by dimension; then of the next tile's
  std::vector<Tile> half_norms_;
};

}  // namespace hearth
