#include "engine/format/fit.h"

namespace hearth {
namespace {

// The sums that a least-squares line needs.
struct Sums {
  float x = 0.0F;
  float q = 0.0F;
  float qq = 0.0F;
  float qx = 0.0F;
};

Sums sums_of(std::span<const float> values, float lowest, float inverse, int highest) {
  Sums sums;
  for (const float value : values) {
    const auto q = static_cast<float>(nearest_within((value - lowest) * inverse, 0, highest));
    sums.x += value;
    sums.q += q;
    sums.qq += q * q;
    sums.qx += q * value;
  }
  return sums;
}

// The least-squares line through the (q, x) pairs whose sums these are, kept within minimum >= 0.
Line solve(const Sums& sums, float count) {
  const float determinant = count * sums.qq - sums.q * sums.q;
  if (determinant <= 0.0F) return {0.0F, std::max(0.0F, -sums.x / count)};
  const float scale = (count * sums.qx - sums.q * sums.x) / determinant;
  const float offset = (sums.x - scale * sums.q) / count;
  if (offset <= 0.0F) return {scale, -offset};
  return {sums.qx / sums.qq, 0.0F};
}

float squared_error(std::span<const float> values, Line line, int highest) {
  const float inverse = inverse_or_zero(line.scale);
  float error = 0.0F;
  for (const float value : values) {
    const int q = nearest_within((value + line.minimum) * inverse, 0, highest);
    const float difference = line.scale * static_cast<float>(q) - line.minimum - value;
    error += difference * difference;
  }
  return error;
}

}  // namespace

// Lays the levels over the range of the values, a little wider and a little narrower, refits each by least
// squares and keeps the best.
Line fit_line(std::span<const float> values, int highest) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  const float lowest = std::min(0.0F, *least);
  const float range = *most - lowest;
  if (!(range > 0.0F)) return {0.0F, -lowest};
  Line best{range / static_cast<float>(highest), -lowest};
  float best_error = squared_error(values, best, highest);
  for (int step = -10; step <= 10; ++step) {
    const float inverse = (static_cast<float>(highest) + static_cast<float>(step) / 10.0F) / range;
    const Line line = solve(sums_of(values, lowest, inverse, highest), static_cast<float>(values.size()));
    const float error = squared_error(values, line, highest);
    if (line.scale >= 0.0F && error < best_error) {
      best = line;
      best_error = error;
    }
  }
  return best;
}

}  // namespace hearth
