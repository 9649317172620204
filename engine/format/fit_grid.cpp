#include "engine/format/fit_grid.h"

#include <bit>
#include <cmath>

#include "engine/format/fit.h"

namespace hearth {
namespace {

// How groups match values: for the error at a scale and for the scale with the least error (see fit_scale).
struct Match {
  float product = 0.0F;
  float square = 0.0F;

  void add(const float* values, const float* weights, std::span<const GridGroup> groups,
           float factor = 1.0F) {
    for (const GridGroup& group : groups) {
      for (int i = 0; i < kGroupSize; ++i) {
        const float weighted = *weights++ * group.values[i] * factor;
        product += weighted * *values++;
        square += weighted * group.values[i] * factor;
      }
    }
  }
  float best_scale() const { return square > 0.0F ? std::max(0.0F, product / square) : 0.0F; }
  /// The squared error, less the sum of the squared values.
  float error_at(float scale) const { return scale * (scale * square - 2.0F * product); }
};

// The best real scale of one span: tries scales at which its extreme value is between 1.1 and 0.5 of the
// highest.
float fit_span(const float* values, const float* weights, std::span<GridGroup> groups,
               const GridRounding& rounding) {
  const float extreme = std::fabs(extreme_of({values, groups.size() * kGroupSize}));
  const float full = extreme / rounding.highest();
  float best_scale = 0.0F;
  float least_error = 0.0F;
  for (int step = 10; step <= 22; step += 3) {
    const float scale = full * static_cast<float>(step) / 20.0F;
    if (!(scale > 0.0F)) return 0.0F;
    rounding.round(values, weights, scale, groups);
    Match match;
    match.add(values, weights, groups);
    if (match.error_at(match.best_scale()) < least_error) {
      least_error = match.error_at(match.best_scale());
      best_scale = match.best_scale();
    }
  }
  return best_scale;
}

// The code around `guess` with the least error; leaves the groups as they are at that code.
int choose_code(const float* values, const float* weights, float unit, int guess, int highest_code,
                std::span<GridGroup> groups, const GridRounding& rounding) {
  const auto round_at = [&](int code) {
    const float scale = unit * static_cast<float>(2 * code + 1);
    rounding.round(values, weights, scale, groups);
    Match match;
    match.add(values, weights, groups);
    return match.error_at(scale);
  };
  int best = guess;
  float least_error = round_at(guess);
  for (const int code : {guess - 1, guess + 1}) {
    if (code < 0 || code > highest_code) continue;
    if (const float error = round_at(code); error < least_error) {
      best = code;
      least_error = error;
    }
  }
  round_at(best);
  return best;
}

float squared_distance(const float* values, const float* weights, float scale, const GridGroup& group) {
  float sum = 0.0F;
  for (int i = 0; i < kGroupSize; ++i) {
    const float difference = values[i] - scale * group.values[i];
    sum += weights[i] * difference * difference;
  }
  return sum;
}

}  // namespace

void SignedRounding::round(const float* values, const float* weights, float scale,
                           std::span<GridGroup> groups) const {
  for (GridGroup& group : groups) {
    round_group(values, weights, scale, group);
    values += kGroupSize;
    weights += kGroupSize;
  }
}

void SignedRounding::round_group(const float* values, const float* weights, float scale,
                                 GridGroup& group) const {
  std::array<float, kGroupSize> sizes;
  int least = 0;
  const auto loss = [&](int i) { return weights[i] * sizes[i] * sizes[i]; };
  group.signs = 0;
  for (int i = 0; i < kGroupSize; ++i) {
    sizes[i] = std::fabs(values[i]);
    group.signs = static_cast<uint8_t>(group.signs | (values[i] < 0.0F ? 1 : 0) << i);
    if (loss(i) < loss(least)) least = i;
  }
  if (even_signs_ && std::popcount(group.signs) % 2 != 0) {
    group.signs = static_cast<uint8_t>(group.signs ^ 1 << least);
    sizes[least] = -sizes[least];
  }
  const size_t dimensions = magnitudes_.dimensions();
  for (size_t part = 0; part < kGroupSize / dimensions; ++part) {
    group.index[part] =
        magnitudes_.nearest(sizes.data() + part * dimensions, weights + part * dimensions, scale);
  }
  for (size_t i = 0; i < kGroupSize; ++i) {
    const float magnitude = magnitudes_.value(group.index[i / dimensions], i % dimensions);
    group.values[i] = (group.signs >> i & 1) != 0 ? -magnitude : magnitude;
  }
}

void ShiftedRounding::round(const float* values, const float* weights, float scale,
                            std::span<GridGroup> groups) const {
  constexpr size_t kLongestSpan = 4;
  std::array<std::array<GridGroup, kLongestSpan>, 2> choices;  // up, down
  std::array<float, 2> errors{};
  for (size_t i = 0; i < groups.size(); ++i) {
    for (int down = 0; down < 2; ++down) {
      const Codebook& points = down != 0 ? down_ : up_;
      GridGroup& group = choices[down][i];
      group.down = down != 0;
      const float* from = values + i * kGroupSize;
      const float* weigh = weights + i * kGroupSize;
      group.index[0] = points.nearest(from, weigh, scale);
      for (int j = 0; j < kGroupSize; ++j) group.values[j] = points.value(group.index[0], j);
      const float error = squared_distance(from, weigh, scale, group);
      errors[down] = together_ ? errors[down] + error : error;
    }
    if (!together_) groups[i] = choices[errors[1] < errors[0]][i];
  }
  if (!together_) return;
  const auto& chosen = choices[errors[1] < errors[0]];
  std::copy_n(chosen.begin(), groups.size(), groups.begin());
}

FittedGrid fit_grid(const float* values, const float* weights, int groups_per_span, int highest_code,
                    const GridRounding& rounding) {
  FittedGrid fitted;
  const int spans = kGroupCount / groups_per_span;
  const auto groups_of = [&](int span) {
    return std::span(fitted.groups).subspan(span * groups_per_span, groups_per_span);
  };
  const auto start_of = [&](int span) { return span * groups_per_span * kGroupSize; };

  std::array<float, kGroupCount> scales{};
  for (int i = 0; i < spans; ++i) {
    scales[i] = fit_span(values + start_of(i), weights + start_of(i), groups_of(i), rounding);
  }
  const float unit =
      *std::max_element(scales.begin(), scales.end()) / static_cast<float>(2 * highest_code + 1);
  if (!(unit > 0.0F)) return fitted;

  Match match;
  for (int i = 0; i < spans; ++i) {
    const int guess = nearest_within((scales[i] / unit - 1.0F) / 2.0F, 0, highest_code);
    const float* from = values + start_of(i);
    const float* weigh = weights + start_of(i);
    fitted.codes[i] = choose_code(from, weigh, unit, guess, highest_code, groups_of(i), rounding);
    match.add(from, weigh, groups_of(i), static_cast<float>(2 * fitted.codes[i] + 1));
  }
  fitted.unit = match.best_scale();
  return fitted;
}

}  // namespace hearth
