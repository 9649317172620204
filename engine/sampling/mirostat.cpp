#include "engine/sampling/mirostat.h"

#include <algorithm>
#include <cmath>

namespace hearth {
namespace {

constexpr size_t kTokensOfEstimate = 100;

/// Zipf's exponent by least squares over the ratios of neighbours, from the first `count` of a sorted list.
double zipf_exponent(Candidates& left, size_t count) {
  double products = 0.0;
  double squares = 0.0;
  for (size_t i = 0; i + 1 < count; ++i) {
    const double ranks = std::log(static_cast<double>(i + 2) / static_cast<double>(i + 1));
    const double likelihoods =
        static_cast<double>(left.list()[i].logit) - static_cast<double>(left.list()[i + 1].logit);
    products += ranks * likelihoods / left.temperature;
    squares += ranks * ranks;
  }
  return products / squares;
}

/// How many of `vocabulary` tokens make up a surprise of mu; no number where the estimate is none.
double tokens_of_surprise(double exponent, double mu, size_t vocabulary) {
  const double above_one = exponent - 1.0;
  const double rest = -std::expm1(-above_one * std::log(static_cast<double>(vocabulary)));
  const double ratio = above_one == 0.0 ? 1.0 / std::log(static_cast<double>(vocabulary)) : above_one / rest;
  return std::pow(ratio * std::exp2(mu), 1.0 / exponent);
}

void keep_estimated(Candidates& left, double mu) {
  std::vector<Candidate>& list = left.list();
  const size_t count = std::min(kTokensOfEstimate, list.size());
  std::partial_sort(list.begin(), list.begin() + static_cast<ptrdiff_t>(count), list.end(), better);
  const double wanted = tokens_of_surprise(zipf_exponent(left, count), mu, left.vocabulary_size());
  const bool is_all = wanted >= static_cast<double>(list.size());
  if (!is_all) left.keep_highest(wanted >= 1.0 ? static_cast<size_t>(wanted) : 1);
}

void keep_unsurprising(Candidates& left, double mu) {
  const double least = left.total_weight() * std::exp2(-mu);
  std::erase_if(left.list(), [&](const Candidate& candidate) {
    const double weight = left.weight(candidate.logit);
    return weight < least && weight != 1.0;
  });
}

}  // namespace

void keep_by_mirostat(Candidates& left, int32_t version, double mu) {
  if (left.list().size() < 2) return;
  if (version == 1) {
    keep_estimated(left, mu);
  } else {
    keep_unsurprising(left, mu);
  }
}

}  // namespace hearth
