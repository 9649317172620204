// From a row of logits to the next token.
//
// First logits are biased (logit += bias; OpenAI's API, logit_bias). Then samplers change them or leave fewer
// candidates, one after the other in the order of the option `samplers`; each has its formula and its source
// where it is declared. Those whose options leave them off cost nothing. In the order that they have by
// default, which is llama.cpp's:
//   penalties            of what came already                            (penalties.h)
//   dry                  of what would go on with a repetition           (dry.h)
//   topNSigma            logits near the highest stay                    (truncation.h)
//   topK                 the k highest stay                              (Fan et al. 2018)
//   typicalP, topP, minP, xtc                                            (truncation.h)
//   temperature          with a range, by how sure the model is          (temperature.h)
// At last one candidate is drawn by the softmax of what is left.
//
// With mirostat (mirostat.h), which leaves candidates in a way of its own, only penalties, dry and
// temperature come before it. A temperature of 0 takes the likeliest after penalties and dry.
//
// Equal logits go to the lower id. A logit that is NaN counts as minus infinity.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/result.h"
#include "engine/options/generation_options.h"
#include "engine/sampling/candidates.h"
#include "engine/sampling/dry.h"

namespace hearth {

struct SamplerStep;

/// What a sampler remembers from one token to the next.
struct SamplerState {
  RandomStream random;
  double mirostat_limit;
};

/// One sequence's sampler: its options and its own stream of random numbers.
class Sampler {
 public:
  /// Numbers are as the table of options allows them. INVALID_ARGUMENT for biases that the vocabulary has no
  /// token for, or that are none. `bytes_of` is for dry, which takes nothing for a breaker without it.
  static Result<Sampler> create(GenerationOptions options, int32_t n_vocab, TokenBytes bytes_of = {});

  /// The next token, given the logits (n_vocab of them, changed in place) and the sequence so far; kNoToken
  /// when no logit is above minus infinity. Depends on nothing else but the options and the state.
  TokenId sample(std::span<float> logits, std::span<const TokenId> so_far);

  /// Whether the options want all logits of every row, as what they leave need not be among the highest:
  /// where nothing is cut off, or not by rank alone, or where logits are raised.
  bool wants_all_logits() const;
  /// The same token, given only the highest logits of the row, at most Highest::kCount of them, all above
  /// minus infinity; `are_all`: there are no others above it. None where these do not tell, and then nothing
  /// has happened. Not where the options want all logits.
  std::optional<TokenId> sample_highest(std::span<const Candidate> highest, bool are_all,
                                        std::span<const TokenId> so_far);

  /// To go back to: a token that was drawn since then is as if it had not been.
  const SamplerState& state() const { return state_; }
  void restore(const SamplerState& state) { state_ = state; }

  /// The seed in use, chosen or drawn.
  uint64_t seed() const { return *options_.seed; }

 private:
  Sampler(GenerationOptions options, TokenBytes bytes_of);

  std::optional<TokenId> choose(std::span<const TokenId> so_far);
  TokenId draw();

  GenerationOptions options_;
  TokenBytes bytes_of_;
  std::vector<const SamplerStep*> steps_;  // that do anything, in order
  SamplerState state_;
  Candidates left_;
};

}  // namespace hearth
