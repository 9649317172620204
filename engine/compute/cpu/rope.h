// Rotary position embedding. The angles of a batch are the same in every layer, so their cosines and sines
// are kept from call to call.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "engine/compute/backend.h"
#include "engine/compute/cpu/context.h"

namespace hearth::cpu {

/// Cosines and sines of every row's pairs, times the magnitude, laid out as VectorKernels' rope functions
/// want them.
struct RopeAngles {
  RopePairs pairs = RopePairs::kAdjacent;
  float magnitude = 0.0F;
  std::vector<float> frequencies;
  std::vector<int32_t> positions;
  int64_t row_size = 0;
  std::vector<float> cosines;  // [rows, row_size]
  std::vector<float> sines;
};

/// The angles last used: two sets, for models that turn by one frequency in sliding layers and by another in
/// the rest.
class RopeCache {
 public:
  const RopeAngles& angles(Context& context, const Rope& rope, std::span<const int32_t> positions);

 private:
  std::array<RopeAngles, 2> kept_;
  size_t oldest_ = 0;
};

/// Backend::rope.
void rope(Context& context, RopeCache& cache, const Rope& rope, std::span<const int32_t> positions,
          int64_t head_dimension, Tensor x);

}  // namespace hearth::cpu
