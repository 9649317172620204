#include <algorithm>
#include <numeric>

#include "engine/compute/reference/arithmetic.h"
#include "engine/compute/reference/memory.h"
#include "engine/compute/reference/operations.h"

namespace hearth::reference {
namespace {

/// The numbers of the best, best first; of equal ones the lower comes first.
std::vector<int32_t> best_of(std::span<const double> scores, int32_t count) {
  std::vector<int32_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::ranges::greater(),
                           [&](int32_t i) { return scores[static_cast<size_t>(i)]; });
  order.resize(static_cast<size_t>(count));
  return order;
}

/// What one expert makes of one row.
std::vector<double> output_of(int32_t expert, const ExpertParameters& parameters,
                              const ExpertWeights& weights, std::span<const float> x) {
  const auto matrix = [expert](const Weight& all, int64_t rows) {
    return all.slice_rows(expert * rows, rows);
  };
  const std::vector<double> ups = multiply(x, matrix(weights.up, parameters.n_ff));
  const std::vector<double> gates =
      weights.gate ? multiply(x, matrix(weights.gate, parameters.n_ff)) : std::vector<double>();
  std::vector<float> hidden(ups.size());
  for (size_t i = 0; i < hidden.size(); ++i) {
    hidden[i] = static_cast<float>(gates.empty() ? activated(parameters.activation, ups[i])
                                                 : activated(parameters.activation, gates[i]) * ups[i]);
  }
  return multiply(hidden, matrix(weights.down, static_cast<int64_t>(x.size())));
}

}  // namespace

void experts(const ExpertParameters& parameters, const ExpertWeights& weights, Tensor x, Tensor out) {
  for (int64_t r = 0; r < x.rows; ++r) {
    std::vector<double> probabilities = multiply(row_of(x, r), weights.router);
    softmax(probabilities);
    const std::vector<int32_t> chosen = best_of(probabilities, parameters.used);
    double share = 0.0;
    for (const int32_t expert : chosen) share += probabilities[static_cast<size_t>(expert)];
    std::vector<double> mix(static_cast<size_t>(out.columns), 0.0);
    for (const int32_t expert : chosen) {
      const double probability = probabilities[static_cast<size_t>(expert)];
      const double weight = parameters.normalize_weights ? probability / share : probability;
      const std::vector<double> output = output_of(expert, parameters, weights, row_of(x, r));
      for (size_t i = 0; i < mix.size(); ++i) mix[i] += weight * output[i];
    }
    std::ranges::transform(mix, row_of(out, r).begin(),
                           [](double value) { return static_cast<float>(value); });
  }
}

}  // namespace hearth::reference
