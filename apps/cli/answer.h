// Runs one generation and shows its text as it comes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "apps/cli/model_options.h"
#include "engine/runtime/generation.h"

namespace hearth::cli {

struct Answer {
  std::string text;
  GenerationEvent last;  // with the logprobs of all
  uint64_t seed = 0;
};

/// Calls `show` with each piece of text. Ctrl-C ends the answer with FinishReason::kCancelled; a generation
/// that fails, or a failure of `show`, is the error.
Result<Answer> answer(Scheduler& scheduler, GenerationRequest request,
                      const std::function<Result<void>(std::string_view)>& show);

}  // namespace hearth::cli
