#include "engine/sampling/temperature.h"

#include <algorithm>
#include <cmath>

namespace hearth {
namespace {

/// From 0, where one candidate is certain, to 1, where all are as likely.
double relative_entropy(Candidates& left) {
  const size_t count = left.list().size();
  if (count < 2) return 0.0;
  const double total = left.total_weight();
  double entropy = 0.0;
  for (const Candidate& candidate : left.list()) {
    const double probability = left.weight(candidate.logit) / total;
    if (probability > 0.0) entropy -= probability * std::log(probability);
  }
  return std::clamp(entropy / std::log(static_cast<double>(count)), 0.0, 1.0);
}

}  // namespace

void apply_temperature(Candidates& left, float temperature, float range, float exponent) {
  auto chosen = static_cast<double>(temperature);
  if (range > 0.0F) {
    const double least = std::max(0.0, chosen - static_cast<double>(range));
    const double most = chosen + static_cast<double>(range);
    chosen = least + (most - least) * std::pow(relative_entropy(left), static_cast<double>(exponent));
  }
  left.temperature *= chosen;
}

}  // namespace hearth
