// What a conversation's answer says, thinks and calls, from its tokens' text as they come.
#pragma once

#include <string_view>
#include <vector>

#include "engine/runtime/chat_format.h"
#include "engine/runtime/chat_request.h"
#include "engine/text/answer/answer_parser.h"

namespace hearth {

class AnswerReader {
 public:
  /// For an answer to `chat`, whose prompt is these tokens. INVALID_ARGUMENT as read_chat has it;
  /// INVALID_MODEL if the chat template cannot be parsed. `format` must outlive it.
  static Result<std::unique_ptr<AnswerReader>> create(const ChatFormat& format, std::string_view chat,
                                                      std::span<const TokenId> prompt);

  /// Whether the token is a mark, or a part of one, though a control token.
  bool is_mark(TokenId token) const;
  std::vector<AnswerDelta> push(std::string_view text) { return parser_.push(text); }
  std::vector<AnswerDelta> finish() { return parser_.finish(); }
  /// What the prompt had begun of the answer, which comes first.
  std::vector<AnswerDelta> take_begun() { return std::exchange(begun_, {}); }

 private:
  AnswerReader(const ReadableFormat& format, AnswerOptions options)
      : format_(format), parser_(format.format, std::move(options)) {}

  const ReadableFormat& format_;
  AnswerParser parser_;
  std::vector<AnswerDelta> begun_;
};

}  // namespace hearth
