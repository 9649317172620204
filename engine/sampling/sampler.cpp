#include "engine/sampling/sampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <utility>

namespace hearth {
namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();

Result<void> require(bool holds, const char* option, const char* values, double value) {
  if (holds) return {};
  return Error{ErrorCode::kInvalidArgument, fmt::format("{} must be {}, not {}", option, values, value)};
}

Result<void> check(const std::vector<LogitBias>& biases, int32_t n_vocab) {
  for (const auto& [token, bias] : biases) {
    HEARTH_TRY(require(token >= 0 && token < n_vocab, "a token of logitBias",
                       fmt::format("from 0 to {}", n_vocab - 1).c_str(), token));
    HEARTH_TRY(require(bias == kNever || std::isfinite(bias), "a bias of logitBias",
                       "a number or minus infinity", bias));
  }
  return {};
}

TokenId highest_logit(std::span<const float> logits) {
  const auto highest = std::max_element(logits.begin(), logits.end());
  if (highest == logits.end() || *highest == kNever) return kNoToken;
  return static_cast<TokenId>(highest - logits.begin());
}

/// exp(logit - highest); 1 for the highest itself, which may be infinite.
double relative_probability(float logit, float highest, double temperature = 1.0) {
  if (logit == highest) return 1.0;
  return std::exp((static_cast<double>(logit) - static_cast<double>(highest)) / temperature);
}

}  // namespace

Result<Sampler> Sampler::create(SamplerOptions options, int32_t n_vocab) {
  HEARTH_TRY(check(options.logit_bias, n_vocab));
  if (!options.seed) {
    std::random_device device;
    // 53 bits, which a number of JavaScript holds: whoever reads the seed there can give it again.
    options.seed = (uint64_t{device()} << 32 | device()) >> 11;
  }
  return Sampler(std::move(options));
}

bool Sampler::better(const Candidate& a, const Candidate& b) {
  return a.logit > b.logit || (a.logit == b.logit && a.token < b.token);
}

TokenId Sampler::sample(std::span<float> logits, std::span<const TokenId> so_far) {
  adjust(logits, so_far);
  const TokenId likeliest = highest_logit(logits);
  if (likeliest == kNoToken || options_.temperature == 0.0F) return likeliest;
  const float highest = logits[static_cast<size_t>(likeliest)];

  keep_top_k(logits);
  double mass = 0.0;
  for (const Candidate& candidate : candidates_) mass += relative_probability(candidate.logit, highest);
  // Both of the next steps keep a run of the likeliest, so their order is free once `mass` is known; min-p
  // first leaves top-p few to sort.
  keep_likely(highest);
  keep_top_p(mass, highest);
  return draw(highest);
}

void Sampler::adjust(std::span<float> logits, std::span<const TokenId> so_far) const {
  for (float& logit : logits) {
    if (std::isnan(logit)) logit = kNever;
  }
  for (const LogitBias& bias : options_.logit_bias) logits[static_cast<size_t>(bias.token)] += bias.bias;
  if (options_.repetition_penalty == 1.0F && options_.frequency_penalty == 0.0F &&
      options_.presence_penalty == 0.0F) {
    return;
  }
  if (options_.penalty_window >= 0) {
    so_far = so_far.last(std::min(so_far.size(), static_cast<size_t>(options_.penalty_window)));
  }
  std::vector<TokenId> tokens(so_far.begin(), so_far.end());
  std::sort(tokens.begin(), tokens.end());
  for (auto run = tokens.begin(); run != tokens.end();) {
    const auto end = std::upper_bound(run, tokens.end(), *run);
    float& logit = logits[static_cast<size_t>(*run)];
    logit = logit > 0 ? logit / options_.repetition_penalty : logit * options_.repetition_penalty;
    logit -= static_cast<float>(end - run) * options_.frequency_penalty + options_.presence_penalty;
    run = end;
  }
}

/// Fills the candidates with the top_k highest logits, or with all.
void Sampler::keep_top_k(std::span<const float> logits) {
  candidates_.clear();
  const auto limit = options_.top_k > 0 ? static_cast<size_t>(options_.top_k) : logits.size();
  // A heap of the best so far with the worst of them on top: most logits fall short of it at the first
  // comparison, so this costs little more than one pass over the vocabulary.
  for (size_t token = 0; token < logits.size(); ++token) {
    const Candidate candidate{logits[token], static_cast<TokenId>(token)};
    if (candidate.logit == kNever) continue;
    if (candidates_.size() < limit) {
      candidates_.push_back(candidate);
      if (candidates_.size() == limit) std::make_heap(candidates_.begin(), candidates_.end(), better);
    } else if (better(candidate, candidates_.front())) {
      std::pop_heap(candidates_.begin(), candidates_.end(), better);
      candidates_.back() = candidate;
      std::push_heap(candidates_.begin(), candidates_.end(), better);
    }
  }
}

void Sampler::keep_likely(float highest) {
  if (options_.min_p == 0.0F) return;
  std::erase_if(candidates_, [&](const Candidate& candidate) {
    return relative_probability(candidate.logit, highest) < static_cast<double>(options_.min_p);
  });
}

/// Keeps the likeliest until they hold top_p of `mass`. Sorts only as many as that takes.
void Sampler::keep_top_p(double mass, float highest) {
  if (options_.top_p >= 1.0F) return;
  const double wanted = mass * static_cast<double>(options_.top_p);
  double reached = 0.0;
  size_t sorted = 0;
  for (size_t next = 0; next < candidates_.size(); ++next) {
    if (next == sorted) {
      sorted = std::min(candidates_.size(), std::max<size_t>(64, sorted * 4));
      const auto begin = candidates_.begin();
      std::partial_sort(begin + static_cast<ptrdiff_t>(next), begin + static_cast<ptrdiff_t>(sorted),
                        candidates_.end(), better);
    }
    reached += relative_probability(candidates_[next].logit, highest);
    if (reached >= wanted) {
      candidates_.resize(next + 1);
      return;
    }
  }
}

TokenId Sampler::draw(float highest) {
  // Sorted by id, so that which steps sorted or heaped them before has no say in the draw.
  std::sort(candidates_.begin(), candidates_.end(),
            [](const Candidate& a, const Candidate& b) { return a.token < b.token; });
  const auto temperature = static_cast<double>(options_.temperature);
  double total = 0.0;
  for (const Candidate& candidate : candidates_) {
    total += relative_probability(candidate.logit, highest, temperature);
  }
  const double target = random_.uniform() * total;
  double reached = 0.0;
  for (const Candidate& candidate : candidates_) {
    reached += relative_probability(candidate.logit, highest, temperature);
    if (reached > target) return candidate.token;
  }
  return candidates_.back().token;
}

}  // namespace hearth
