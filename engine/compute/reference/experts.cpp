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

/// x times matrix `index` of those that `all` is, each of so many rows, with what is added to it.
std::vector<double> product(std::span<const float> x, const Weight& all, int64_t rows, int32_t index,
                            std::span<const LowRankProduct> added) {
  std::vector<double> sums = multiply(x, all.slice_rows(index * rows, rows));
  for (const auto& [down, up, scale] : added) {
    const std::vector<double> narrow = multiply(x, down.slice_rows(index * up.columns, up.columns));
    const std::vector<float> rounded(narrow.begin(), narrow.end());
    const std::vector<double> wide = multiply(rounded, up.slice_rows(index * rows, rows));
    for (size_t i = 0; i < sums.size(); ++i) sums[i] += scale * wide[i];
  }
  return sums;
}

/// What one expert makes of one row.
std::vector<double> output_of(int32_t expert, const ExpertParameters& parameters,
                              const ExpertWeights& weights, std::span<const float> x) {
  const std::vector<double> ups = product(x, weights.up, parameters.n_ff, expert, weights.up_added);
  std::vector<double> gates;
  if (weights.gate) gates = product(x, weights.gate, parameters.n_ff, expert, weights.gate_added);
  std::vector<float> hidden(ups.size());
  for (size_t i = 0; i < hidden.size(); ++i) {
    hidden[i] = static_cast<float>(gates.empty() ? activated(parameters.activation, ups[i])
                                                 : activated(parameters.activation, gates[i]) * ups[i]);
  }
  return product(hidden, weights.down, static_cast<int64_t>(x.size()), expert, weights.down_added);
}

}  // namespace

void experts(const ExpertParameters& parameters, const ExpertWeights& weights, Tensor x, Tensor out) {
  for (int64_t r = 0; r < x.rows; ++r) {
    std::vector<double> probabilities =
        product(row_of(x, r), weights.router, parameters.count, 0, weights.router_added);
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
