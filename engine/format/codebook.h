// Finding the grid point nearest to a group of values: the inner loop of encoding the IQ types.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/format/fit.h"

namespace hearth {

/// The points of a grid. Each is taken as two halves, of which there are few different ones: the distances to
/// those are computed side by side, and a point's is the sum of its halves'.
class Codebook {
 public:
  /// Entries hold a value to a byte (iq_grids.h), read as int8_t; `shift` is added to each.
  template <typename Entry, size_t kSize>
  explicit Codebook(const std::array<Entry, kSize>& grid, float shift = 0.0F) : dimensions_(sizeof(Entry)) {
    for (const Entry entry : grid) {
      for (size_t i = 0; i < dimensions_; ++i) {
        coordinates_.push_back(static_cast<float>(static_cast<int8_t>(entry >> (8 * i) & 0xFF)) + shift);
      }
    }
    index_points();
  }

  size_t dimensions() const { return dimensions_; }
  /// The largest value of any point.
  float highest() const { return highest_; }
  float value(size_t point, size_t i) const { return coordinates_[point * dimensions_ + i]; }

  /// The point p with the least sum(weights * (scale * p - values)^2), all of them as many as dimensions().
  /// Requires scale > 0.
  size_t nearest(const float* values, const float* weights, float scale) const;

 private:
  // Halves are compared a tile at a time: a loop of fixed length that compilers turn into vector
  // instructions.
  static constexpr size_t kTile = 16;
  static constexpr size_t kMostTiles = 6;  // 3^4 or 8^2 halves
  using Tile = std::array<float, kTile>;
  using Distances = std::array<float, kTile * kMostTiles>;

  // The different first, or second, halves of points: kLanes of them dimension by dimension, then the next.
  struct Halves {
    size_t count = 0;
    std::vector<float> lanes;
  };
  // A point that begins with some first half.
  struct End {
    uint16_t second;
    uint16_t point;
  };

  void index_points();
  size_t add_half(Halves& halves, std::span<const float> half) const;
  // Returns the least of them.
  float find_distances(const Halves& halves, const float* values, const float* weights, float scale,
                       Distances& distances) const;

  size_t dimensions_;
  float highest_ = 0.0F;
  std::vector<float> coordinates_;  // point by point
  Halves first_;
  Halves second_;
  std::vector<std::vector<End>> ends_;  // by first half
};

}  // namespace hearth
