#include "engine/runtime/step_pace.h"

#include <algorithm>

namespace hearth {
namespace {

constexpr StepPace::Duration kStep{0.2};
constexpr double kFewest = 32;
constexpr double kMost = 1 << 20;
/// Where nothing is known.
constexpr int32_t kFirst = 64;

}  // namespace

void StepPace::add(int64_t rows, Duration time) {
  if (static_cast<double>(rows) < kFewest) return;
  const Duration latest = time / static_cast<double>(rows);
  per_row_ = per_row_ == Duration{0} ? latest : (per_row_ + latest) / 2;
}

int32_t StepPace::rows() const {
  if (per_row_ == Duration{0}) return kFirst;
  return static_cast<int32_t>(std::clamp(kStep / per_row_, kFewest, kMost));
}

}  // namespace hearth
