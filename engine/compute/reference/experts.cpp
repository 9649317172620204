#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "engine/compute/reference/arithmetic.h"
#include "engine/compute/reference/memory.h"
#include "engine/compute/reference/operations.h"
#include "engine/format/dequantize.h"

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

/// Scores of experts outside the best groups become less than any other.
void leave_best_groups(const ExpertParameters& parameters, std::vector<double>& scores) {
  const auto size = static_cast<size_t>(parameters.count / parameters.groups);
  std::vector<double> group_scores;
  for (size_t first = 0; first < scores.size(); first += size) {
    const auto group = std::span<const double>(scores).subspan(first, size);
    double sum = 0.0;
    for (const int32_t best : best_of(group, size > 1 ? 2 : 1)) sum += group[static_cast<size_t>(best)];
    group_scores.push_back(sum);
  }
  const std::vector<int32_t> kept = best_of(group_scores, parameters.groups_used);
  for (size_t i = 0; i < scores.size(); ++i) {
    const bool is_kept = std::ranges::find(kept, static_cast<int32_t>(i / size)) != kept.end();
    if (!is_kept) scores[i] = -std::numeric_limits<double>::infinity();
  }
}

struct WeighedExpert {
  int32_t expert;
  double weight;
};

std::vector<WeighedExpert> choose(const ExpertParameters& parameters, std::span<const float> selection_bias,
                                  std::span<const float> logits) {
  std::vector<double> scores(logits.begin(), logits.end());
  if (parameters.gating == ExpertGating::kSoftmax) softmax(scores);
  if (parameters.gating == ExpertGating::kSigmoid) {
    for (double& score : scores) score = 1.0 / (1.0 + std::exp(-score));
  }
  std::vector<double> to_choose = scores;
  for (size_t i = 0; i < selection_bias.size(); ++i) to_choose[i] += selection_bias[i];
  if (parameters.groups > 1) leave_best_groups(parameters, to_choose);

  const std::vector<int32_t> chosen = best_of(to_choose, parameters.used);
  std::vector<double> weights;
  weights.reserve(chosen.size());
  for (const int32_t expert : chosen) weights.push_back(scores[static_cast<size_t>(expert)]);
  if (parameters.gating == ExpertGating::kSoftmaxOfChosen) softmax(weights);
  const double sum = std::max(std::accumulate(weights.begin(), weights.end(), 0.0), 0x1p-14);
  std::vector<WeighedExpert> weighed;
  for (size_t i = 0; i < chosen.size(); ++i) {
    const double weight = parameters.normalize_weights ? weights[i] / sum : weights[i];
    weighed.push_back({chosen[i], weight * parameters.weight_scale});
  }
  return weighed;
}

/// x times the expert's matrix, of so many rows, with all that belongs to it.
std::vector<double> product(std::span<const float> x, const ExpertMatrices& matrices, int64_t rows,
                            int32_t expert) {
  std::vector<double> sums = multiply(x, matrices.of(expert, rows));
  if (matrices.scale) {
    for (double& sum : sums) sum *= values_of(matrices.scale)[static_cast<size_t>(expert)];
  }
  for (const auto& [down, up, scale] : matrices.added) {
    const std::vector<double> narrow = multiply(x, down.slice_rows(expert * up.columns, up.columns));
    const std::vector<float> rounded(narrow.begin(), narrow.end());
    const std::vector<double> wide = multiply(rounded, up.slice_rows(matrices.row_of(expert), rows));
    for (size_t i = 0; i < sums.size(); ++i) sums[i] += scale * wide[i];
  }
  if (matrices.bias) {
    std::vector<float> bias(sums.size());
    dequantize(matrices.bias.type, row_of(matrices.bias, expert), bias);
    for (size_t i = 0; i < sums.size(); ++i) sums[i] += bias[i];
  }
  return sums;
}

/// What one expert makes of one row.
std::vector<double> output_of(int32_t expert, const ExpertParameters& parameters,
                              const ExpertWeights& weights, std::span<const float> x) {
  const std::vector<double> ups = product(x, weights.up, parameters.n_ff, expert);
  std::vector<double> gates;
  if (weights.gate) gates = product(x, weights.gate, parameters.n_ff, expert);
  std::vector<float> hidden(ups.size());
  for (size_t i = 0; i < hidden.size(); ++i) {
    hidden[i] = static_cast<float>(gates.empty() ? activated(parameters.activation, ups[i])
                                                 : gated(parameters.activation, gates[i], ups[i]));
  }
  return product(hidden, weights.down, static_cast<int64_t>(x.size()), expert);
}

}  // namespace

void experts(const ExpertParameters& parameters, const ExpertWeights& weights, Tensor logits, Tensor x,
             Tensor out) {
  for (int64_t r = 0; r < x.rows; ++r) {
    std::vector<double> mix(static_cast<size_t>(out.columns), 0.0);
    for (const auto& [expert, weight] :
         choose(parameters, values_of(weights.selection_bias), row_of(logits, r))) {
      if (!weights.lease({&expert, 1}) || !weights.bring(expert)) return;
      std::vector<float> in(row_of(x, r).begin(), row_of(x, r).end());
      if (parameters.weighs_inputs) {
        for (float& value : in) value = static_cast<float>(value * weight);
      }
      const std::vector<double> output = output_of(expert / parameters.sharing, parameters, weights, in);
      const double factor = parameters.weighs_inputs ? 1.0 : weight;
      for (size_t i = 0; i < mix.size(); ++i) mix[i] += factor * output[i];
    }
    std::ranges::transform(mix, row_of(out, r).begin(),
                           [](double value) { return static_cast<float>(value); });
  }
}

}  // namespace hearth::reference
