// From a row of logits to the next token.
//
// The steps come in the order that users of llama.cpp know, each formula as its source gives it:
//   1. logit bias: logit += bias                                     (OpenAI API, logit_bias)
//   2. penalties over the last `penalty_window` tokens, prompt included:
//      repetition: logit > 0 ? logit / r : logit * r                 (Keskar et al. 2019, CTRL)
//      logit -= count * frequency + presence                         (OpenAI API)
//   3. top-k: the k highest logits stay                              (Fan et al. 2018)
//   4. top-p: of those, the fewest whose probabilities reach p stay  (Holtzman et al. 2019)
//   5. min-p: of those, the ones at least min_p times as likely as the likeliest  (Nguyen et al. 2024)
//   6. temperature: logit / T, softmax, and one draw. T = 0 takes the highest logit after step 2.
// Equal logits go to the lower id. A logit that is NaN counts as minus infinity.
//
// A further step is a function in sampler.cpp that `sample` calls, and its option (engine/options).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/result.h"
#include "engine/options/generation_options.h"
#include "engine/text/tokenizer.h"

namespace hearth {

/// A token that may be chosen.
struct Candidate {
  float logit;
  TokenId token;
};

/// One sequence's sampler: its options and its own stream of random numbers.
class Sampler {
 public:
  /// Numbers are as the table of options allows them. INVALID_ARGUMENT for biases that the vocabulary has no
  /// token for, or that are none.
  static Result<Sampler> create(GenerationOptions options, int32_t n_vocab);

  /// The next token, given the logits (n_vocab of them, changed in place) and the sequence so far; kNoToken
  /// when no logit is above minus infinity.
  TokenId sample(std::span<float> logits, std::span<const TokenId> so_far);

  /// The seed in use, chosen or drawn.
  uint64_t seed() const { return *options_.seed; }

 private:
  explicit Sampler(GenerationOptions options) : options_(std::move(options)), random_(*options_.seed) {}

  GenerationOptions options_;
  RandomStream random_;
  std::vector<Candidate> candidates_;  // room that is used again
};

}  // namespace hearth
