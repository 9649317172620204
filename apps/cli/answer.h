// Runs one generation and shows its text as it comes, or several at once.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "apps/cli/model_options.h"
#include "engine/runtime/generation.h"

namespace hearth::cli {

struct Answer {
  std::string text;
  GenerationEvent last;  // with the logprobs and the reasoning of all
  uint64_t seed = 0;
};

using ShowText = std::function<Result<void>(std::string_view)>;

/// Calls `show` with each piece of text, and `show_reasoning` with what was thought before. Ctrl-C ends the
/// answer with FinishReason::kCancelled; a generation that fails, or a failure of `show`, is the error.
Result<Answer> answer(Scheduler& scheduler, GenerationRequest request, const ShowText& show,
                      const ShowText& show_reasoning);

/// `n` answers to one request, whose prompt is read once. Where it has a seed, they draw with that and the
/// ones that follow it.
Result<std::vector<Answer>> answers(Scheduler& scheduler, const GenerationRequest& request, int n);

}  // namespace hearth::cli
