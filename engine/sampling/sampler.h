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
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/result.h"
#include "engine/text/tokenizer.h"

namespace hearth {

struct LogitBias {
  TokenId token;
  float bias;  // minus infinity bans the token
};

/// The defaults suit chat with small and middling models: temperature 0.8 with top-k 40, top-p 0.95 and min-p
/// 0.05 (llama.cpp's own) varies the wording but cuts off the long tail of unlikely tokens, where small
/// models go astray. Penalties are off: they harm code, numbers and JSON, which repeat rightly.
struct SamplerOptions {
  float temperature = 0.8F;  // 0: greedy
  int32_t top_k = 40;        // 0: all
  float top_p = 0.95F;       // 1: all
  float min_p = 0.05F;       // 0: all
  float repetition_penalty = 1.0F;
  float frequency_penalty = 0.0F;
  float presence_penalty = 0.0F;
  int32_t penalty_window = 64;  // tokens looked back at; -1: all
  std::vector<LogitBias> logit_bias;
  std::optional<uint64_t> seed;  // none: a new one each time
};

/// One sequence's sampler: its options and its own stream of random numbers.
class Sampler {
 public:
  /// Numbers are as the table of options (engine/runtime/options.h) allows them. INVALID_ARGUMENT for biases
  /// that the vocabulary has no token for, or that are none.
  static Result<Sampler> create(SamplerOptions options, int32_t n_vocab);

  /// The next token, given the logits (n_vocab of them, changed in place) and the sequence so far; kNoToken
  /// when no logit is above minus infinity.
  TokenId sample(std::span<float> logits, std::span<const TokenId> so_far);

  /// The seed in use, chosen or drawn.
  uint64_t seed() const { return *options_.seed; }

 private:
  struct Candidate {
    float logit;
    TokenId token;
  };

  explicit Sampler(SamplerOptions options) : options_(std::move(options)), random_(*options_.seed) {}

  static bool better(const Candidate& a, const Candidate& b);
  void adjust(std::span<float> logits, std::span<const TokenId> so_far) const;
  void keep_top_k(std::span<const float> logits);
  void keep_likely(float highest);
  void keep_top_p(double mass, float highest);
  TokenId draw(float highest);

  SamplerOptions options_;
  RandomStream random_;
  std::vector<Candidate> candidates_;
};

}  // namespace hearth
