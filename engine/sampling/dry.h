// DRY ("don't repeat yourself", p-e-w 2024, text-generation-webui): a token that would go on with a
// repetition is penalised, the more the longer that is already.
//
// Where the text so far ends with n tokens that came before in it, followed there by the token t:
//   logit(t) -= multiplier * base^(n - allowed_length)   for the longest such n, where n >= allowed_length.
// A repetition does not reach back beyond a sequence breaker, and what holds one is no continuation of it.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "engine/options/generation_options.h"
#include "engine/sampling/candidates.h"

namespace hearth {

/// The bytes that a token stands for.
using TokenBytes = std::function<std::string(TokenId)>;

void penalise_repetition(Candidates& left, const GenerationOptions& options, std::span<const TokenId> so_far,
                         const TokenBytes& bytes_of);

}  // namespace hearth
