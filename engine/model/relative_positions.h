// Positions as T5 tells them (Raffel et al. 2020): a score gains by how far apart two positions are, the same
// for all distances of one bucket, and buckets grow with distance.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace hearth {

/// Of a layer's attention. `gains` are the distance_gains (AttentionParameters) of the network's first layer,
/// from when its weights are bound, and of every later one for which the file has none.
struct RelativePositions {
  int32_t buckets = 0;  // 4 at least; 0: positions are told otherwise
  bool is_first = false;
  std::shared_ptr<std::vector<float>> gains = {};
  bool both_sides = true;  // of a row are things to tell apart: an encoder's
};

/// The bucket of something `distance` positions behind a row (before it: negative), of so many buckets: half
/// of them for each side; or all for what is before it, and the first for what is not.
int32_t bucket_of(int32_t distance, int32_t buckets, bool both_sides = true);

/// AttentionParameters::distance_gains of gains [buckets, n_head].
std::vector<float> gains_of_distances(std::span<const float> gains, int32_t buckets, bool both_sides = true);

}  // namespace hearth
