// What a conversation's answer says, thinks and calls, from its tokens' text as they come.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/grammar/argument_notation.h"
#include "engine/runtime/chat_format.h"
#include "engine/runtime/chat_request.h"
#include "engine/text/answer/answer_parser.h"

namespace hearth {

struct ToolToCall {
  std::string name;
  std::string schema;      // of the arguments
  bool is_strict = false;  // a schema that cannot be kept is an error
};

/// A call whose arguments are to keep to the tool's schema from here on.
struct CallToHold {
  std::string tool;
  size_t notation;   // its number among AnswerReader::notations
  std::string text;  // what there is of the arguments
};

/// A call that may have to be made: what the answer goes on with up to its arguments, and these.
struct CallToMake {
  std::string beginning;
  std::optional<CallToHold> arguments;  // none where no grammar can hold them
};

class AnswerReader {
 public:
  /// For an answer to `chat`, whose prompt is these tokens. INVALID_ARGUMENT as read_chat has it;
  /// INVALID_MODEL if the chat template cannot be parsed. `format` must outlive it.
  static Result<std::unique_ptr<AnswerReader>> create(const ChatFormat& format, std::string_view chat,
                                                      std::span<const TokenId> prompt, bool may_think);

  /// What the answer must begin with, which is the prompt's end: of a call that has to be made, of the end of
  /// reasoning that must not be. The reader has read it.
  const std::string& forced() const { return forced_; }
  /// Whether that begins a call.
  bool must_call() const { return must_call_; }
  /// What must follow that: one of these, if there are any.
  const std::vector<CallToMake>& choices() const { return choices_; }
  /// The tools, where there are any that may be called.
  const std::vector<ToolToCall>& tools() const { return tools_; }
  /// How their arguments are written, where a grammar can hold them.
  const std::vector<ArgumentNotation>& notations() const { return notations_; }

  /// Whether the token is a mark, or a part of one, though a control token.
  bool is_mark(TokenId token) const;
  std::vector<AnswerDelta> push(std::string_view text) { return parser_.push(text); }
  std::vector<AnswerDelta> finish() { return parser_.finish(); }
  /// The call whose arguments are being written, unless that was told before.
  std::optional<CallToHold> take_open_call();

  /// Whether it has read calls to their ends.
  bool has_calls() const { return parser_.calls() > 0; }
  bool is_reasoning() const { return parser_.is_reasoning(); }
  std::string_view reasoning_end() const { return format_.format.reasoning.end; }
  /// What the prompt had begun of the answer, which comes first.
  std::vector<AnswerDelta> take_begun() { return std::exchange(begun_, {}); }

 private:
  AnswerReader(const ReadableFormat& format, const AnswerOptions& options)
      : format_(format), parser_(format.format, options) {}

  /// `begun`: what the prompt has begun of the answer.
  Result<void> force_call(const ChatRequest& request, const AnswerOptions& options, std::string_view begun);
  void force(CallToMake& only);
  std::optional<CallToHold> to_hold(const OpenCall& call) const;

  const ReadableFormat& format_;
  AnswerParser parser_;
  std::string forced_;
  bool must_call_ = false;
  std::vector<CallToMake> choices_;
  std::vector<ToolToCall> tools_;
  std::vector<ArgumentNotation> notations_;
  std::optional<size_t> told_call_;  // its number
  std::vector<AnswerDelta> begun_;
};

}  // namespace hearth
