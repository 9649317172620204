// Searches that encoders share: the scale, or scale and minimum, with which a few levels come closest to
// values, each squared error times a weight.
//
// Candidates are tried side by side, one in each lane of an array of fixed length: loops over lanes become
// vector instructions, and a lane's sums run over the elements in order, so that every machine finds the
// same.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <span>

#include "engine/format/iq_grids.h"

namespace hearth {

/// The integer nearest to `value` within [low, high]; low for NaN.
inline int nearest_within(float value, int low, int high) {
  if (!(value > static_cast<float>(low))) return low;
  if (value >= static_cast<float>(high)) return high;
  return static_cast<int>(std::lround(value));
}

inline constexpr int kLanes = 4;
using Lanes = float __attribute__((vector_size(kLanes * sizeof(float))));

/// Each lane's nearest integer within [low, high], halves to the even one; low for NaN.
inline Lanes round_lanes(Lanes lanes, float low, float high) {
  constexpr float kRound = 12582912.0F;  // 1.5 * 2^23: a float this large has no fraction
  const Lanes least = Lanes{} + low;
  const Lanes most = Lanes{} + high;
  lanes = lanes > least ? lanes : least;
  lanes = lanes < most ? lanes : most;
  return (lanes + kRound) - kRound;
}

/// The value of the largest magnitude, with its sign; the first of several; 0 if all are.
inline float extreme_of(std::span<const float> values) {
  float extreme = 0.0F;
  for (const float value : values) {
    if (std::fabs(value) > std::fabs(extreme)) extreme = value;
  }
  return extreme;
}

/// 1 / value, or 0 for 0.
inline float inverse_or_zero(float value) { return value != 0.0F ? 1.0F / value : 0.0F; }

/// What elements are rounded to: whole numbers from kLeast to -kLeast - 1.
template <int kLeast>
struct IntegerLevels {
  static constexpr float kLowest = kLeast;
  static constexpr float kHighest = -kLeast - 1;
  static Lanes round(Lanes scaled) { return round_lanes(scaled, kLowest, kHighest); }
};

/// The uneven levels of IQ4_NL and IQ4_XS.
struct Iq4Levels {
  static constexpr float kLowest = kIq4Levels.front();
  static constexpr float kHighest = kIq4Levels.back();
  static Lanes round(Lanes scaled) {
    Lanes lanes = Lanes{} + kLowest;
    for (size_t level = 1; level < kIq4Levels.size(); ++level) {
      const auto below = static_cast<float>(kIq4Levels[level - 1]);
      const auto above = static_cast<float>(kIq4Levels[level]);
      lanes += scaled > Lanes{} + (below + above) / 2 ? Lanes{} + (above - below) : Lanes{};
    }
    return lanes;
  }
  /// The position of a level.
  static int position(float level) {
    return static_cast<int>(std::lower_bound(kIq4Levels.begin(), kIq4Levels.end(), level) -
                            kIq4Levels.begin());
  }
};

/// The scale s that makes sum(w * (x - s * level)^2) small, where each level is the one of `Levels` that is
/// nearest to x / s. 0 if all values are 0.
///
/// For given levels the best scale is sum(w * x * level) / sum(w * level^2), and leaves the error
/// sum(w * x^2) - sum(w * x * level)^2 / sum(w * level^2). So try scales that bring the extreme value near
/// either end of the levels, and keep the one whose levels make that last quotient largest.
template <typename Levels>
float fit_scale(std::span<const float> values, const float* weights) {
  const float extreme = extreme_of(values);
  if (extreme == 0.0F) return 0.0F;
  float best_scale = 0.0F;
  float best_gain = 0.0F;
  constexpr int kSteps = 8;
  constexpr int kMiddle = kSteps / 2;
  for (const float end : {Levels::kLowest, Levels::kHighest}) {
    for (int step = 0; step < kSteps; step += kLanes) {
      Lanes inverses;
      for (int k = 0; k < kLanes; ++k) {
        inverses[k] = end / extreme * (1.0F + static_cast<float>(step + k + 1 - kMiddle) / 32.0F);
      }
      Lanes products{};
      Lanes squares{};
      for (size_t i = 0; i < values.size(); ++i) {
        const Lanes levels = Levels::round(values[i] * inverses);
        products += weights[i] * values[i] * levels;
        squares += weights[i] * levels * levels;
      }
      for (int k = 0; k < kLanes; ++k) {
        if (squares[k] > 0.0F && products[k] * products[k] > best_gain * squares[k]) {
          best_gain = products[k] * products[k] / squares[k];
          best_scale = products[k] / squares[k];
        }
      }
    }
  }
  return best_scale;
}

/// The levels nearest to values * inverse, of which there are a multiple of kLanes.
template <typename Levels>
void round_all(std::span<const float> values, float inverse, float* levels) {
  for (size_t i = 0; i < values.size(); i += kLanes) {
    Lanes lanes;
    std::memcpy(&lanes, values.data() + i, sizeof lanes);
    lanes = Levels::round(lanes * inverse);
    std::memcpy(levels + i, &lanes, sizeof lanes);
  }
}

/// x is near scale * q - minimum for integers q.
struct Line {
  float scale;
  float minimum;
};

/// The line with q in [0, highest] and scale >= 0 that makes the weighted squared error small; with
/// minimum >= 0 unless it may have `any_minimum`.
Line fit_line(std::span<const float> values, const float* weights, int highest, bool any_minimum = false);

/// The integers in [0, highest] nearest to (values + minimum) * inverse; of values a multiple of kLanes.
void round_on_line(std::span<const float> values, float minimum, float inverse, int highest, float* levels);

}  // namespace hearth
