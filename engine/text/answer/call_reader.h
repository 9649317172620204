// The rest of a call, behind its head: the arguments, as JSON while they are written, and its end.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/text/answer/call_head.h"
#include "engine/text/answer/loose_json.h"

namespace hearth {

class CallReader {
 public:
  /// `head` has matched; its syntax and the tools must outlive the reader.
  CallReader(const CallHead& head, const ToolSchemas& tools);

  /// Appends arguments, and returns how much of the text was taken. What is left belongs before the text that
  /// is pushed next or, once the call is done, to what follows it.
  size_t push(std::string_view text, bool at_end, std::string& arguments);
  bool done() const { return state_ == State::kDone; }

  /// What the model wrote behind the arguments; empty where it wrote none.
  const std::string& late_id() const { return late_id_; }

 private:
  enum class State : unsigned char {
    kArguments,
    kQuotedArguments,
    kWrapperEnd,
    kParameters,
    kStringValue,
    kJsonValue,
    kCode,
    kTail,
    kDone,
  };
  enum class Step : unsigned char { kTaken, kNeedsMore };

  Step step();
  Step read_arguments();
  Step read_quoted_arguments();
  Step end_wrapper();
  Step read_parameter();
  Step read_string();
  Step read_json_value();
  Step read_code();
  Step read_tail();
  void begin_value(const PatternMatch& parameter);
  void end_value(const FoundMark& end);

  const CallSyntax& syntax_;
  const ToolSchemas& tools_;
  const std::string name_;
  State state_;
  std::string early_arguments_;  // that stood before the name
  size_t open_objects_;
  std::string late_id_;
  LooseJson json_;
  bool has_begun_ = false;                    // has shown the arguments' {
  std::vector<std::string_view> value_ends_;  // of a tagged parameter, with and without a line end before

  // During a push.
  std::string_view text_;
  bool at_end_ = false;
  std::string* arguments_ = nullptr;
};

}  // namespace hearth
