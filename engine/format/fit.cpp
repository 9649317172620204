#include "engine/format/fit.h"

#include <limits>

namespace hearth {
namespace {

constexpr int kLineRefits = 2;

// The sums that a least-squares line needs: of the values, and of each lane's integers q.
struct LineSums {
  float w = 0.0F;
  float x = 0.0F;
  float xx = 0.0F;
  Lanes q{};
  Lanes qq{};
  Lanes qx{};
};

LineSums sums_of(std::span<const float> values, const float* weights, float lowest, Lanes inverses,
                 int highest) {
  LineSums sums;
  for (size_t i = 0; i < values.size(); ++i) {
    const float w = weights[i];
    const float x = values[i];
    sums.w += w;
    sums.x += w * x;
    sums.xx += w * x * x;
    const Lanes q = round_lanes((x - lowest) * inverses, 0.0F, static_cast<float>(highest));
    sums.q += w * q;
    sums.qq += w * q * q;
    sums.qx += w * x * q;
  }
  return sums;
}

// The least-squares line through the (q, x) pairs of a lane.
Line solve(const LineSums& sums, int lane, bool any_minimum) {
  const float q = sums.q[lane];
  const float qq = sums.qq[lane];
  const float qx = sums.qx[lane];
  const float determinant = sums.w * qq - q * q;
  if (!(determinant > 0.0F)) return {0.0F, any_minimum ? -sums.x / sums.w : std::max(0.0F, -sums.x / sums.w)};
  const float scale = (sums.w * qx - q * sums.x) / determinant;
  const float offset = (sums.x - scale * q) / sums.w;
  if (any_minimum || offset <= 0.0F) return {scale, -offset};
  return {qx / qq, 0.0F};
}

// sum(w * (scale * q - minimum - x)^2) for a lane's integers.
float squared_error(const LineSums& sums, int lane, Line line) {
  const float s = line.scale;
  const float m = line.minimum;
  return s * (s * sums.qq[lane] - 2.0F * (m * sums.q[lane] + sums.qx[lane])) +
         m * (m * sums.w + 2.0F * sums.x) + sums.xx;
}

// Of the lines that were tried the one with the least error.
class BestLine {
 public:
  BestLine(std::span<const float> values, const float* weights, int highest, bool any_minimum)
      : values_(values), weights_(weights), highest_(highest), any_minimum_(any_minimum) {}

  // In each lane, takes the values to integers by (value - lowest) * inverse, and fits a line to these.
  void try_lines(float lowest, Lanes inverses) {
    const LineSums sums = sums_of(values_, weights_, lowest, inverses, highest_);
    for (int k = 0; k < kLanes; ++k) {
      const Line line = solve(sums, k, any_minimum_);
      const float error = squared_error(sums, k, line);
      if (line.scale < 0.0F || !(error < least_)) continue;
      line_ = line;
      least_ = error;
    }
  }

  Line line() const { return line_; }

 private:
  std::span<const float> values_;
  const float* weights_;
  int highest_;
  bool any_minimum_;
  Line line_{0.0F, 0.0F};
  float least_ = std::numeric_limits<float>::infinity();
};

}  // namespace

// Lays the levels over the range of the values, a little wider and a little narrower, refits each by least
// squares and keeps the best.
Line fit_line(std::span<const float> values, const float* weights, int highest, bool any_minimum) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  const float lowest = any_minimum ? *least : std::min(0.0F, *least);
  const float range = *most - lowest;
  if (!(range > 0.0F)) return {0.0F, -lowest};
  BestLine best(values, weights, highest, any_minimum);
  const auto levels = static_cast<float>(highest);
  for (const float wider : {-0.8F, 0.2F}) {
    best.try_lines(lowest, (levels + (wider + Lanes{0.0F, 0.25F, 0.5F, 0.75F})) / range);
  }
  for (int refit = 0; refit < kLineRefits && best.line().scale > 0.0F; ++refit) {
    best.try_lines(-best.line().minimum, Lanes{0.98F, 1.0F, 1.01F, 1.02F} / best.line().scale);
  }
  return best.line();
}

void round_on_line(std::span<const float> values, float minimum, float inverse, int highest, float* levels) {
  for (size_t i = 0; i < values.size(); i += kLanes) {
    Lanes lanes;
    std::memcpy(&lanes, values.data() + i, sizeof lanes);
    lanes = round_lanes((lanes + minimum) * inverse, 0.0F, static_cast<float>(highest));
    std::memcpy(levels + i, &lanes, sizeof lanes);
  }
}

}  // namespace hearth
