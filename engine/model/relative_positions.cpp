#include "engine/model/relative_positions.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace hearth {
namespace {

/// From here on all distances are in one bucket.
constexpr int32_t kMostDistance = 128;

}  // namespace

int32_t bucket_of(int32_t distance, int32_t buckets, bool both_sides) {
  if (!both_sides && distance > 0) return 0;
  const int32_t of_a_side = both_sides ? buckets / 2 : buckets;
  const int32_t alone = of_a_side / 2;  // so many distances have a bucket each
  const int32_t apart = std::abs(distance);
  int32_t bucket = apart;
  if (apart >= alone) {
    // The others' buckets grow by a factor, up to the largest distance.
    const float growth = std::log(static_cast<float>(apart) / static_cast<float>(alone)) *
                         static_cast<float>(of_a_side - alone);
    const double most_growth = std::log(static_cast<double>(kMostDistance) / alone);
    bucket = std::min(alone + static_cast<int32_t>(growth / most_growth), of_a_side - 1);
  }
  return distance > 0 ? of_a_side + bucket : bucket;
}

std::vector<float> gains_of_distances(std::span<const float> gains, int32_t buckets, bool both_sides) {
  const size_t n_head = gains.size() / static_cast<size_t>(buckets);
  std::vector<float> table;
  table.reserve(n_head * (2 * kMostDistance + 1));
  for (size_t head = 0; head < n_head; ++head) {
    for (int32_t distance = -kMostDistance; distance <= kMostDistance; ++distance) {
      table.push_back(gains[static_cast<size_t>(bucket_of(distance, buckets, both_sides)) * n_head + head]);
    }
  }
  return table;
}

}  // namespace hearth
