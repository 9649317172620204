#include "engine/compute/cpu/rope.h"

#include <algorithm>
#include <cmath>

#include "engine/compute/host.h"

namespace hearth::cpu {
namespace {

/// A sine costs about as much as passing over so many floats.
constexpr int64_t kSineCost = 32;

bool is_for(const RopeAngles& angles, const Rope& rope, std::span<const int32_t> positions) {
  return angles.pairs == rope.pairs && angles.magnitude == rope.magnitude &&
         std::ranges::equal(angles.positions, positions) &&
         std::ranges::equal(angles.frequencies, rope.frequencies);
}

/// In double precision: at position 100,000 an angle in f32 would be off by up to 0.004.
void compute_row(RopeAngles& angles, size_t row) {
  float* const cosines = angles.cosines.data() + row * static_cast<size_t>(angles.row_size);
  float* const sines = angles.sines.data() + row * static_cast<size_t>(angles.row_size);
  for (size_t i = 0; i < angles.frequencies.size(); ++i) {
    const double angle = static_cast<double>(angles.positions[row]) * angles.frequencies[i];
    const auto cosine = static_cast<float>(std::cos(angle) * angles.magnitude);
    const auto sine = static_cast<float>(std::sin(angle) * angles.magnitude);
    if (angles.pairs == RopePairs::kAdjacent) {
      cosines[2 * i] = cosine;
      cosines[2 * i + 1] = cosine;
      sines[2 * i] = -sine;
      sines[2 * i + 1] = sine;
    } else {
      cosines[i] = cosine;
      sines[i] = sine;
    }
  }
}

void compute(Context& context, const Rope& rope, std::span<const int32_t> positions, RopeAngles& angles) {
  angles.pairs = rope.pairs;
  angles.magnitude = rope.magnitude;
  angles.frequencies.assign(rope.frequencies.begin(), rope.frequencies.end());
  angles.positions.assign(positions.begin(), positions.end());
  const size_t pairs = rope.frequencies.size();
  const size_t row_size = rope.pairs == RopePairs::kAdjacent ? 2 * pairs : pairs;
  angles.row_size = static_cast<int64_t>(row_size);
  angles.cosines.resize(positions.size() * row_size);
  angles.sines.resize(positions.size() * row_size);
  parallel_for(context, static_cast<int64_t>(positions.size()), 2 * kSineCost * static_cast<int64_t>(pairs),
               [&](int64_t row, int) { compute_row(angles, static_cast<size_t>(row)); });
}

}  // namespace

const RopeAngles& RopeCache::angles(Context& context, const Rope& rope, std::span<const int32_t> positions) {
  for (const RopeAngles& angles : kept_) {
    if (is_for(angles, rope, positions)) return angles;
  }
  RopeAngles& angles = kept_[oldest_];
  oldest_ = (oldest_ + 1) % kept_.size();
  compute(context, rope, positions, angles);
  return angles;
}

void rope(Context& context, RopeCache& cache, const Rope& rope, std::span<const int32_t> positions,
          int64_t head_dimension, Tensor x) {
  const RopeAngles& angles = cache.angles(context, rope, positions);
  const auto turn =
      rope.pairs == RopePairs::kAdjacent ? context.vector.rope_adjacent : context.vector.rope_halves;
  const auto pairs = static_cast<int64_t>(rope.frequencies.size());
  parallel_for(context, x.rows, x.columns, [&](int64_t r, int) {
    const float* const cosines = angles.cosines.data() + r * angles.row_size;
    const float* const sines = angles.sines.data() + r * angles.row_size;
    float* const row = floats_of(x) + r * x.columns;
    for (int64_t head = 0; head < x.columns; head += head_dimension) turn(cosines, sines, pairs, row + head);
  });
}

}  // namespace hearth::cpu
