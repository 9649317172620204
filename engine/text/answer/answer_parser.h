// Reads a model's answer as it is written: what it says, what it thinks, and the tools that it calls.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/answer/answer.h"
#include "engine/text/answer/answer_format.h"
#include "engine/text/answer/call_head.h"
#include "engine/text/answer/call_reader.h"
#include "engine/text/answer/tool_schemas.h"

namespace hearth {

struct AnswerOptions {
  ToolSchemas tools;
  bool keep_reasoning = false;  // leave it in the content, with its marks
  size_t calls_before = 0;      // in the conversation: the ids that are made for calls count on from there
};

/// A call that is being written.
struct OpenCall {
  size_t number;  // from 0
  const CallSyntax* syntax;
  std::string name;
  std::string text;  // what was written behind its head
};

/// Any text can be read: what is no call and no reasoning is said. How the text is cut into pieces makes no
/// difference to what comes out in all.
class AnswerParser {
 public:
  AnswerParser(AnswerFormat format, AnswerOptions options);
  AnswerParser(const AnswerParser&) = delete;
  AnswerParser& operator=(const AnswerParser&) = delete;

  /// Takes text and returns what it is certain of. No mark comes out in part.
  std::vector<AnswerDelta> push(std::string_view text);
  /// The rest, where the answer ends.
  std::vector<AnswerDelta> finish();

  /// Calls that were read to their ends.
  size_t calls() const { return calls_; }
  /// The call whose arguments are being written or, in a section, are to begin.
  const std::optional<OpenCall>& open_call() const { return open_call_; }

  /// Whether what comes next is thought rather than said.
  bool is_reasoning() const { return state_ == State::kReasoning; }

 private:
  enum class State : unsigned char { kContent, kReasoning, kHeader, kSection, kCall };

  void run();
  bool step();

  bool read_content();
  bool read_reasoning();
  bool read_section();
  bool read_call();
  bool read_header();

  bool read_bare_call();
  bool read_mark(AnswerDelta::Kind kind, std::string_view mark);
  bool write_up_to_mark(AnswerDelta::Kind kind, const std::vector<std::string_view>& marks, FoundMark& found);
  void write(AnswerDelta::Kind kind, std::string_view text);
  void enter(State state);
  void enter_message(std::string_view header);
  void await_call(const CallHead& head, std::string_view text);
  void begin_call(const CallHead& head);
  void end_call();
  std::vector<std::string_view> content_marks() const;
  void take(size_t length) { text_.erase(0, length); }

  const AnswerFormat format_;
  const AnswerOptions options_;
  const bool has_calls_;                  // which can be expected
  const bool has_reasoning_;              // which is told apart
  std::vector<std::string_view> begins_;  // marks that calls begin with

  State state_ = State::kContent;
  std::string text_;   // not yet understood
  std::string space_;  // white space that is shown only if more follows
  bool at_end_ = false;
  bool skips_space_ = false;  // before the next letter
  bool has_said_ = false;
  size_t calls_ = 0;
  const CallSyntax* section_ = nullptr;  // whose section has been entered
  std::optional<CallReader> call_;
  std::optional<OpenCall> open_call_;
  bool call_has_id_ = false;
  std::vector<AnswerDelta> deltas_;
};

}  // namespace hearth
