// What a conversation's answer says, thinks and calls, from its tokens' text as they come.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
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
                                                      std::span<const TokenId> prompt, bool may_think);

  /// What the answer must begin with, which is the prompt's end: of a call that has to be made, of the end of
  /// reasoning that must not be. The reader has read it.
  const std::string& forced() const { return forced_; }
  /// What must follow that: one of these texts, if there are any.
  const std::vector<std::string>& choices() const { return choices_; }
  /// The schemas of the tools' arguments, by name, where calls are to be held to them.
  const std::vector<std::pair<std::string, std::string>>& schemas() const { return schemas_; }

  /// Whether the token is a mark, or a part of one, though a control token.
  bool is_mark(TokenId token) const;
  std::vector<AnswerDelta> push(std::string_view text);
  std::vector<AnswerDelta> finish() { return parser_.finish(); }
  /// The call whose arguments are being written, if that has not been asked before: its name, and what there
  /// is of its arguments.
  struct OpenCall {
    std::string name;
    std::string arguments;
  };
  std::optional<OpenCall> take_open_call() { return std::exchange(new_call_, std::nullopt); }
  bool is_in_call() const { return is_in_call_; }

  bool is_reasoning() const { return parser_.is_reasoning(); }
  std::string_view reasoning_end() const { return format_.format.reasoning.end; }
  /// What the prompt had begun of the answer, which comes first.
  std::vector<AnswerDelta> take_begun() { return std::exchange(begun_, {}); }

 private:
  AnswerReader(const ReadableFormat& format, AnswerOptions options)
      : format_(format), parser_(format.format, std::move(options)) {}

  Result<void> force_call(const ChatRequest& request);
  void hold_to_schemas(const nlohmann::ordered_json& tools);

  const ReadableFormat& format_;
  AnswerParser parser_;
  std::string forced_;
  std::vector<std::string> choices_;
  std::vector<std::pair<std::string, std::string>> schemas_;
  std::optional<OpenCall> new_call_;
  bool is_in_call_ = false;
  std::vector<AnswerDelta> begun_;
};

}  // namespace hearth
