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

bool better(const Candidate& a, const Candidate& b) {
  return a.logit > b.logit || (a.logit == b.logit && a.token < b.token);
}

/// Biases and penalties.
void adjust(const GenerationOptions& options, std::span<float> logits, std::span<const TokenId> so_far) {
  for (float& logit : logits) {
    if (std::isnan(logit)) logit = kNever;
  }
  for (const LogitBias& bias : options.logit_bias) logits[static_cast<size_t>(bias.token)] += bias.bias;
  if (options.repetition_penalty == 1.0F && options.frequency_penalty == 0.0F &&
      options.presence_penalty == 0.0F) {
    return;
  }
  if (options.penalty_window >= 0) {
    so_far = so_far.last(std::min(so_far.size(), static_cast<size_t>(options.penalty_window)));
  }
  std::vector<TokenId> tokens(so_far.begin(), so_far.end());
  std::sort(tokens.begin(), tokens.end());
  for (auto run = tokens.begin(); run != tokens.end();) {
    const auto end = std::upper_bound(run, tokens.end(), *run);
    float& logit = logits[static_cast<size_t>(*run)];
    logit = logit > 0 ? logit / options.repetition_penalty : logit * options.repetition_penalty;
    logit -= static_cast<float>(end - run) * options.frequency_penalty + options.presence_penalty;
    run = end;
  }
}

/// Fills the candidates with the top_k highest logits, or with all.
void keep_top_k(const GenerationOptions& options, std::span<const float> logits,
                std::vector<Candidate>& candidates) {
  candidates.clear();
  const auto limit = options.top_k > 0 ? static_cast<size_t>(options.top_k) : logits.size();
  // A heap of the best so far with the worst of them on top: most logits fall short of it at the first
  // comparison, so this costs little more than one pass over the vocabulary.
  for (size_t token = 0; token < logits.size(); ++token) {
    const Candidate candidate{logits[token], static_cast<TokenId>(token)};
    if (candidate.logit == kNever) continue;
    if (candidates.size() < limit) {
      candidates.push_back(candidate);
      if (candidates.size() == limit) std::make_heap(candidates.begin(), candidates.end(), better);
    } else if (better(candidate, candidates.front())) {
      std::pop_heap(candidates.begin(), candidates.end(), better);
      candidates.back() = candidate;
      std::push_heap(candidates.begin(), candidates.end(), better);
    }
  }
}

/// Keeps those at least min_p times as likely as the likeliest.
void keep_likely(const GenerationOptions& options, float highest, std::vector<Candidate>& candidates) {
  if (options.min_p == 0.0F) return;
  std::erase_if(candidates, [&](const Candidate& candidate) {
    return relative_probability(candidate.logit, highest) < static_cast<double>(options.min_p);
  });
}

/// Keeps the likeliest until they hold top_p of `mass`. Sorts only as many as that takes.
void keep_top_p(const GenerationOptions& options, double mass, float highest,
                std::vector<Candidate>& candidates) {
  if (options.top_p >= 1.0F) return;
  const double wanted = mass * static_cast<double>(options.top_p);
  double reached = 0.0;
  size_t sorted = 0;
  for (size_t next = 0; next < candidates.size(); ++next) {
    if (next == sorted) {
      sorted = std::min(candidates.size(), std::max<size_t>(64, sorted * 4));
      const auto begin = candidates.begin();
      std::partial_sort(begin + static_cast<ptrdiff_t>(next), begin + static_cast<ptrdiff_t>(sorted),
                        candidates.end(), better);
    }
    reached += relative_probability(candidates[next].logit, highest);
    if (reached >= wanted) {
      candidates.resize(next + 1);
      return;
    }
  }
}

TokenId draw(const GenerationOptions& options, float highest, RandomStream& random,
             std::vector<Candidate>& candidates) {
  // Sorted by id, so that which steps sorted or heaped them before has no say in the draw.
  std::sort(candidates.begin(), candidates.end(),
            [](const Candidate& a, const Candidate& b) { return a.token < b.token; });
  const auto temperature = static_cast<double>(options.temperature);
  double total = 0.0;
  for (const Candidate& candidate : candidates) {
    total += relative_probability(candidate.logit, highest, temperature);
  }
  const double target = random.uniform() * total;
  double reached = 0.0;
  for (const Candidate& candidate : candidates) {
    reached += relative_probability(candidate.logit, highest, temperature);
    if (reached > target) return candidate.token;
  }
  return candidates.back().token;
}

}  // namespace

Result<Sampler> Sampler::create(GenerationOptions options, int32_t n_vocab) {
  HEARTH_TRY(check(options.logit_bias, n_vocab));
  if (!options.seed) {
    std::random_device device;
    // 53 bits, which a number of JavaScript holds: whoever reads the seed there can give it again.
    options.seed = (uint64_t{device()} << 32 | device()) >> 11;
  }
  return Sampler(std::move(options));
}

TokenId Sampler::sample(std::span<float> logits, std::span<const TokenId> so_far) {
  adjust(options_, logits, so_far);
  const TokenId likeliest = highest_logit(logits);
  if (likeliest == kNoToken || options_.temperature == 0.0F) return likeliest;
  const float highest = logits[static_cast<size_t>(likeliest)];

  keep_top_k(options_, logits, candidates_);
  double mass = 0.0;
  for (const Candidate& candidate : candidates_) mass += relative_probability(candidate.logit, highest);
  // Both of the next steps keep a run of the likeliest, so their order is free once `mass` is known; min-p
  // first leaves top-p few to sort.
  keep_likely(options_, highest, candidates_);
  keep_top_p(options_, mass, highest, candidates_);
  return draw(options_, highest, random_, candidates_);
}

}  // namespace hearth
