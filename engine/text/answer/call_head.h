// Where a call begins: its marks, its name, and what must stand where its arguments begin.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/text/answer/answer_format.h"
#include "engine/text/answer/call_wrapper.h"
#include "engine/text/answer/tool_schemas.h"

namespace hearth {

struct CallHead {
  MatchState state = MatchState::kMismatched;
  const CallSyntax* syntax = nullptr;
  CallWrapper call;
  /// Of an undecided call that only lacks what its arguments begin with: up to where these belong.
  std::optional<size_t> awaited = std::nullopt;
};

/// Whether `text` begins with a call in one of the syntaxes, with or without its section's mark before it.
CallHead match_call(const std::vector<CallSyntax>& syntaxes, const ToolSchemas& tools, std::string_view text,
                    bool at_end);

/// The same for the next call of a section that has been entered.
CallHead match_next_call(const CallSyntax& syntax, const ToolSchemas& tools, std::string_view text,
                         bool at_end);

/// The same for a call that has no mark and begins the answer.
CallHead match_bare_call(const std::vector<CallSyntax>& syntaxes, const ToolSchemas& tools,
                         std::string_view text, bool at_end);

}  // namespace hearth
