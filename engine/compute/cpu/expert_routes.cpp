#include "engine/compute/cpu/expert_routes.h"

#include <algorithm>
#include <span>
#include <utility>

#include "engine/compute/expert_choice.h"
#include "engine/compute/host.h"

namespace hearth::cpu {
namespace {

/// Chosen experts of which all scores are next to nothing keep small weights: the smallest normal half.
constexpr float kLeastWeightSum = 6.103515625e-5F;

/// The scores of one row, and room for those by which experts are chosen.
struct RowScores {
  std::span<float> to_weigh;
  std::span<float> to_choose;
};

void score(const VectorKernels& kernels, const ExpertParameters& parameters, const float* logits,
           Vector selection_bias, const RowScores& scores) {
  std::copy_n(logits, parameters.count, scores.to_weigh.begin());
  switch (parameters.gating) {
    case ExpertGating::kSoftmax:
      kernels.softmax(parameters.count, scores.to_weigh.data());
      break;
    case ExpertGating::kSigmoid:
      kernels.activate(Activation::kSigmoid, parameters.count, scores.to_weigh.data());
      break;
    case ExpertGating::kSoftmaxOfChosen:
      break;
  }
  std::ranges::copy(scores.to_weigh, scores.to_choose.begin());
  if (selection_bias) kernels.add(floats_of(selection_bias), parameters.count, scores.to_choose.data());
}

void weigh(const VectorKernels& kernels, const ExpertParameters& parameters, std::span<const float> scores,
           std::span<ExpertVisit> visits) {
  std::vector<float> weights;
  weights.reserve(visits.size());
  for (const ExpertVisit& visit : visits) weights.push_back(scores[static_cast<size_t>(visit.expert)]);
  if (parameters.gating == ExpertGating::kSoftmaxOfChosen) kernels.softmax(parameters.used, weights.data());
  float divisor = 1.0F;
  if (parameters.normalize_weights) {
    divisor = 0.0F;
    for (const float weight : weights) divisor += weight;
    divisor = std::max(divisor, kLeastWeightSum);
  }
  for (size_t i = 0; i < visits.size(); ++i) {
    visits[i].weight = weights[i] / divisor * parameters.weight_scale;
  }
}

/// Numbers the visits and lists the experts that have any.
std::vector<BusyExpert> group_by_expert(int32_t expert_count, std::span<ExpertVisit> visits) {
  std::vector<int64_t> counts(static_cast<size_t>(expert_count), 0);
  for (const ExpertVisit& visit : visits) ++counts[static_cast<size_t>(visit.expert)];
  std::vector<BusyExpert> busy;
  int64_t next = 0;
  for (int32_t expert = 0; expert < expert_count; ++expert) {
    int64_t& count = counts[static_cast<size_t>(expert)];
    if (count > 0) busy.push_back({expert, next, count});
    next += std::exchange(count, next);  // from here on: the expert's next visit
  }
  for (ExpertVisit& visit : visits) visit.visit = counts[static_cast<size_t>(visit.expert)]++;
  return busy;
}

}  // namespace

ExpertRoutes route(Context& context, const ExpertParameters& parameters, Vector selection_bias,
                   Tensor logits) {
  const auto count = static_cast<size_t>(parameters.count);
  const auto used = static_cast<size_t>(parameters.used);
  const std::span<float> memory(context.shared.floats(2 * int64_t{parameters.count}), 2 * count);
  const RowScores scores{memory.first(count), memory.last(count)};
  ExpertRoutes routes;
  routes.visits.resize(static_cast<size_t>(logits.rows) * used);
  for (int64_t r = 0; r < logits.rows; ++r) {
    const auto visits = std::span(routes.visits).subspan(static_cast<size_t>(r) * used, used);
    score(context.vector, parameters, floats_of(logits) + r * logits.columns, selection_bias, scores);
    const std::vector<int32_t> chosen = choose_experts(parameters, scores.to_choose);
    for (size_t i = 0; i < used; ++i) visits[i].expert = chosen[i];
    weigh(context.vector, parameters, scores.to_weigh, visits);
  }
  for (ExpertVisit& visit : routes.visits) visit.expert /= parameters.sharing;
  routes.busy = group_by_expert(parameters.count / parameters.sharing, routes.visits);
  return routes;
}

}  // namespace hearth::cpu
