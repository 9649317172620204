#include "engine/sampling/truncation.h"

#include <algorithm>
#include <cmath>

namespace hearth {
namespace {

struct Typical {
  double distance;  // of its surprise from the entropy
  double probability;
  Candidate candidate;
};

/// The candidates with their surprises in place of distances.
std::vector<Typical> with_surprises(Candidates& left) {
  const double total = left.total_weight();
  std::vector<Typical> all;
  all.reserve(left.list().size());
  for (const Candidate& candidate : left.list()) {
    const double probability = left.weight(candidate.logit) / total;
    all.push_back({-std::log(probability), probability, candidate});
  }
  return all;
}

}  // namespace

void keep_top_n_sigma(Candidates& left, float n) {
  std::vector<Candidate>& list = left.list();
  if (list.empty()) return;
  const auto count = static_cast<double>(list.size());
  double mean = 0.0;
  for (const Candidate& candidate : list) mean += static_cast<double>(candidate.logit) / count;
  double squares = 0.0;
  for (const Candidate& candidate : list) {
    const double distance = static_cast<double>(candidate.logit) - mean;
    squares += distance * distance;
  }
  const float highest = std::min_element(list.begin(), list.end(), better)->logit;
  double least = static_cast<double>(highest) - static_cast<double>(n) * std::sqrt(squares / count);
  if (std::isnan(least)) least = static_cast<double>(highest);  // there are infinite ones
  std::erase_if(list,
                [&](const Candidate& candidate) { return static_cast<double>(candidate.logit) < least; });
}

void keep_typical(Candidates& left, float mass) {
  std::vector<Typical> all = with_surprises(left);
  double entropy = 0.0;
  for (const Typical& each : all) {
    if (each.probability > 0.0) entropy += each.probability * each.distance;
  }
  for (Typical& each : all) each.distance = std::abs(each.distance - entropy);
  std::sort(all.begin(), all.end(), [](const Typical& a, const Typical& b) {
    return a.distance < b.distance || (a.distance == b.distance && better(a.candidate, b.candidate));
  });
  left.list().clear();
  double reached = 0.0;
  for (const Typical& each : all) {
    left.list().push_back(each.candidate);
    reached += each.probability;
    if (reached > static_cast<double>(mass)) break;
  }
  left.forget_highest();
}

void keep_top_p(Candidates& left, float p) {
  std::vector<Candidate>& list = left.list();
  const double wanted = left.total_weight() * static_cast<double>(p);
  double reached = 0.0;
  size_t sorted = 0;
  for (size_t next = 0; next < list.size(); ++next) {
    if (next == sorted) {
      sorted = std::min(list.size(), std::max<size_t>(64, sorted * 4));
      const auto begin = list.begin();
      std::partial_sort(begin + static_cast<ptrdiff_t>(next), begin + static_cast<ptrdiff_t>(sorted),
                        list.end(), better);
    }
    reached += left.weight(list[next].logit);
    if (reached >= wanted) {
      list.resize(next + 1);
      return;
    }
  }
}

void keep_min_p(Candidates& left, float min_p) {
  left.keep_where([&](float logit) { return left.weight(logit) >= static_cast<double>(min_p); });
}

void exclude_top_choices(Candidates& left, float probability, float threshold, RandomStream& random) {
  if (random.uniform() >= static_cast<double>(probability)) return;
  std::vector<Candidate>& list = left.list();
  const double least = left.total_weight() * static_cast<double>(threshold);
  const auto end_of_top = std::partition(list.begin(), list.end(), [&](const Candidate& candidate) {
    return left.weight(candidate.logit) >= least;
  });
  if (end_of_top - list.begin() < 2) return;
  std::iter_swap(std::max_element(list.begin(), end_of_top, better), end_of_top - 1);
  list.erase(list.begin(), end_of_top - 1);
  left.forget_highest();
}

}  // namespace hearth
