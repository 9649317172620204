// How likely a given text was to the model, token by token: what scores texts that it did not write.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/runtime/scheduler.h"
#include "engine/sampling/logprobs.h"

namespace hearth {

/// UNSUPPORTED for a model that does not tell of tokens by those before them.
Result<void> require_order(const ModelSpec& spec);

/// Of each token from the second on, behind those before it, with `top_count` of the likeliest in its place.
/// Fails as require_order and Scheduler::logits do, and for tokens that stand for nothing with
/// INVALID_ARGUMENT.
Result<std::vector<ChosenLogprob>> prompt_logprobs(Scheduler& scheduler, const Model& model,
                                                   std::span<const TokenId> tokens, int32_t top_count);

}  // namespace hearth
