// Penalties on tokens that came already, over the last `penalty_window` tokens, prompt included.
//
// Repetition: logit > 0 ? logit / r : logit * r (Keskar et al. 2019, CTRL). Frequency and presence:
// logit -= count * frequency + presence (OpenAI's API).
#pragma once

#include <span>

#include "engine/options/generation_options.h"
#include "engine/sampling/candidates.h"

namespace hearth {

void apply_penalties(Candidates& left, const GenerationOptions& options, std::span<const TokenId> so_far);

}  // namespace hearth
