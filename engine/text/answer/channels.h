// Answers of several messages, each with a header that names its channel or the tool that it is for:
// "<|channel|>commentary to=functions.weather <|constrain|>json<|message|>{"city": "Rome"}<|call|>".
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "engine/text/answer/answer_format.h"
#include "engine/text/answer/pattern.h"

namespace hearth {

/// What ends a message.
inline constexpr std::array<std::string_view, 5> kChannelMarks = {"<|end|>", "<|call|>", "<|return|>",
                                                                  "<|start|>", "<|channel|>"};

/// A message for a tool is its arguments.
inline constexpr CallSyntax kChannelCall = {CallPlace::kAnywhere, "", "", ArgumentSyntax::kObject, "",
                                            "<|call|>",           ""};

struct ChannelHeader {
  MatchState state;  // mismatched: the text is no header, but for marks before it
  size_t length = 0;
  bool is_reasoning = false;
  std::string tool;  // that the message is for; empty: it is for the user
};

/// The header that `text` begins with, behind the end of a message before.
ChannelHeader read_channel_header(std::string_view text, bool at_end);

}  // namespace hearth
