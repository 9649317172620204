// How likely the model itself held tokens to be: log softmax of the logits as it gives them, before biases,
// penalties and samplers, which is what OpenAI's API and llama.cpp's server call logprobs.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/text/tokenizer.h"

namespace hearth {

/// Stands for minus infinity, which JSON has not, as in OpenAI's API.
inline constexpr float kLeastLogprob = -9999.0F;

struct TokenLogprob {
  TokenId token;
  float logprob;  // natural logarithm of its probability; at least kLeastLogprob
  std::string
      bytes;  // that it stands for, a control token its name; whoever knows the vocabulary fills it in
};

/// Of a token that was chosen, with the likeliest at its place, best first; equal ones by id.
struct ChosenLogprob : TokenLogprob {
  std::vector<TokenLogprob> top;
};

/// Of `chosen`, one of the logits' tokens. A logit that is NaN counts as minus infinity, and `top` has only
/// tokens above that: at most `top_count` of them.
ChosenLogprob logprob_of(TokenId chosen, std::span<const float> logits, int32_t top_count);
/// The same with the bytes that the tokens stand for.
ChosenLogprob logprob_of(TokenId chosen, std::span<const float> logits, int32_t top_count,
                         const Tokenizer& tokenizer);

}  // namespace hearth
