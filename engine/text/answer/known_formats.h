// The ways of writing calls and reasoning that models were trained to, and the signs by which a chat template
// shows them.
#pragma once

#include <string_view>
#include <vector>

#include "engine/text/answer/answer_format.h"

namespace hearth {

/// All of the marks stand in what the template renders, or in its text.
using Signs = std::vector<std::string_view>;

struct KnownCalls {
  std::string_view name;
  std::vector<Signs> signs;  // any of them
  std::vector<CallSyntax> calls;
  ReasoningMarks reasoning = {};  // where the template shows no other
  bool calls_end_reasoning = false;
  std::vector<std::string_view> passed_over = {};
};

struct KnownReasoning {
  Signs signs;
  ReasoningMarks marks;
  std::vector<std::string_view> passed_over = {};
};

/// In the order in which they are tried.
const std::vector<KnownCalls>& known_calls();
const std::vector<KnownReasoning>& known_reasoning();

}  // namespace hearth
