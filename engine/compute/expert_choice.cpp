#include "engine/compute/expert_choice.h"

#include <algorithm>
#include <numeric>

namespace hearth {
namespace {

/// The best `count` of the candidates.
void keep_best(std::span<const float> scores, int32_t count, std::vector<int32_t>& candidates) {
  const auto score_of = [scores](int32_t index) { return scores[static_cast<size_t>(index)]; };
  std::ranges::partial_sort(candidates, candidates.begin() + count, [&](int32_t a, int32_t b) {
    return score_of(a) > score_of(b) || (score_of(a) == score_of(b) && a < b);
  });
  candidates.resize(static_cast<size_t>(count));
}

std::vector<int32_t> numbers_below(int32_t end) {
  std::vector<int32_t> numbers(static_cast<size_t>(end));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

/// The sum of the two best; of one, its score.
float group_score(std::span<const float> scores) {
  if (scores.size() == 1) return scores.front();
  float best = std::max(scores[0], scores[1]);
  float second = std::min(scores[0], scores[1]);
  for (const float score : scores.subspan(2)) {
    second = std::max(second, std::min(best, score));
    best = std::max(best, score);
  }
  return best + second;
}

/// The experts of the best groups.
std::vector<int32_t> grouped_candidates(const ExpertParameters& parameters, std::span<const float> scores) {
  const int32_t size = parameters.count / parameters.groups;
  std::vector<float> group_scores;
  group_scores.reserve(static_cast<size_t>(parameters.groups));
  for (auto rest = scores; !rest.empty(); rest = rest.subspan(static_cast<size_t>(size))) {
    group_scores.push_back(group_score(rest.first(static_cast<size_t>(size))));
  }
  std::vector<int32_t> groups = numbers_below(parameters.groups);
  keep_best(group_scores, parameters.groups_used, groups);
  std::vector<int32_t> candidates;
  candidates.reserve(scores.size());
  for (const int32_t group : groups) {
    for (int32_t expert = group * size; expert < (group + 1) * size; ++expert) candidates.push_back(expert);
  }
  return candidates;
}

}  // namespace

std::vector<int32_t> choose_experts(const ExpertParameters& parameters, std::span<const float> scores) {
  std::vector<int32_t> chosen =
      parameters.groups > 1 ? grouped_candidates(parameters, scores) : numbers_below(parameters.count);
  keep_best(scores, parameters.used, chosen);
  return chosen;
}

}  // namespace hearth
