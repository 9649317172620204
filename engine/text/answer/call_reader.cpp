#include "engine/text/answer/call_reader.h"

#include <nlohmann/json.hpp>

#include "engine/base/result.h"
#include "engine/text/json_text.h"

namespace hearth {
namespace {

constexpr std::string_view kValue = "$value";

/// The pattern of a tagged parameter is its opening, its value, and its end.
std::string_view opening_of(std::string_view parameter) {
  return parameter.substr(0, parameter.find(kValue));
}

std::string_view ending_of(std::string_view parameter) {
  return parameter.substr(parameter.find(kValue) + kValue.size());
}

}  // namespace

CallReader::CallReader(const CallHead& head, const ToolSchemas& tools)
    : syntax_(*head.syntax),
      tools_(tools),
      name_(head.call.name),
      early_arguments_(head.call.arguments),
      open_objects_(head.call.open) {
  switch (syntax_.arguments) {
    case ArgumentSyntax::kWrapped:
    case ArgumentSyntax::kNamed:
      state_ = open_objects_ > 0 ? State::kQuotedArguments : State::kTail;
      if (open_objects_ == 0 && early_arguments_.empty()) early_arguments_ = "{}";
      return;
    case ArgumentSyntax::kObject:
    case ArgumentSyntax::kParentheses:
      state_ = State::kArguments;
      return;
    case ArgumentSyntax::kTagged:
      state_ = State::kParameters;
      value_ends_.push_back(ending_of(syntax_.parameter));
      if (value_ends_[0].starts_with('\n')) value_ends_.push_back(value_ends_[0].substr(1));
      return;
    case ArgumentSyntax::kCode:
      state_ = State::kCode;
      return;
  }
}

size_t CallReader::push(std::string_view text, bool at_end, std::string& arguments) {
  text_ = text;
  at_end_ = at_end;
  arguments_ = &arguments;
  arguments += early_arguments_;
  early_arguments_.clear();
  while (!done() && step() == Step::kTaken) {
  }
  return text.size() - text_.size();
}

CallReader::Step CallReader::step() {
  switch (state_) {
    case State::kArguments:
      return read_arguments();
    case State::kQuotedArguments:
      return read_quoted_arguments();
    case State::kWrapperEnd:
      return end_wrapper();
    case State::kParameters:
      return read_parameter();
    case State::kStringValue:
      return read_string();
    case State::kJsonValue:
      return read_json_value();
    case State::kCode:
      return read_code();
    case State::kTail:
      return read_tail();
    case State::kDone:
      return Step::kNeedsMore;
  }
  return Step::kNeedsMore;
}

CallReader::Step CallReader::read_arguments() {
  if (!has_begun_) {
    text_.remove_prefix(space_length(text_));
    if (text_.empty()) return Step::kNeedsMore;
    has_begun_ = true;
    if (open_objects_ == 0 && text_.front() != '{' && text_.front() != '(') {
      *arguments_ += "{}";
      state_ = State::kTail;
      return Step::kTaken;
    }
  }
  text_.remove_prefix(json_.push(text_, at_end_, *arguments_));
  if (!json_.done()) return Step::kNeedsMore;
  state_ = open_objects_ > 0 ? State::kWrapperEnd : State::kTail;
  return Step::kTaken;
}

/// Some models write the arguments' JSON as a string. It is shown once it is whole.
CallReader::Step CallReader::read_quoted_arguments() {
  if (text_.empty()) return Step::kNeedsMore;
  if (text_.front() != '"') {
    state_ = State::kArguments;
    return Step::kTaken;
  }
  LooseJson reader;
  std::string json;
  const size_t length = reader.push(text_, at_end_, json);
  if (!reader.done()) return Step::kNeedsMore;
  const Result<nlohmann::ordered_json> text = parse_json(json, "the arguments");
  const auto* inner = text.ok() ? text->get_ptr<const std::string*>() : nullptr;
  const bool is_json = inner != nullptr && nlohmann::json::accept(*inner);
  *arguments_ += is_json ? *inner : json;
  text_.remove_prefix(length);
  state_ = State::kWrapperEnd;
  return Step::kTaken;
}

CallReader::Step CallReader::end_wrapper() {
  const CallWrapper rest = match_wrapper_end(text_, at_end_, open_objects_);
  if (rest.state == MatchState::kUndecided) return Step::kNeedsMore;
  if (rest.state == MatchState::kMatched) {
    late_id_ = rest.id;
    text_.remove_prefix(rest.length);
  }
  state_ = State::kTail;
  return Step::kTaken;
}

CallReader::Step CallReader::read_parameter() {
  const size_t space = space_length(text_);
  const PatternMatch opening = match_pattern(opening_of(syntax_.parameter), text_.substr(space), at_end_);
  if (opening.state == MatchState::kUndecided) return Step::kNeedsMore;
  if (opening.state == MatchState::kMatched) {
    text_.remove_prefix(space + opening.length);
    begin_value(opening);
    return Step::kTaken;
  }
  const std::string_view rest = text_.substr(space);
  const bool is_cut =
      match_pattern(opening_of(syntax_.parameter), rest, false).state == MatchState::kUndecided;
  if (is_cut && at_end_) return Step::kNeedsMore;
  *arguments_ += has_begun_ ? "}" : "{}";
  state_ = State::kTail;
  return Step::kTaken;
}

void CallReader::begin_value(const PatternMatch& parameter) {
  *arguments_ += has_begun_ ? ", " : "{";
  *arguments_ += json_string(parameter.key) + ": ";
  has_begun_ = true;
  const bool is_string = parameter.string.empty() ? tools_.takes_string(name_, parameter.key).value_or(false)
                                                  : parameter.string == "true";
  if (is_string) *arguments_ += '"';
  state_ = is_string ? State::kStringValue : State::kJsonValue;
}

CallReader::Step CallReader::read_string() {
  const FoundMark end = find_mark(text_, value_ends_);
  const bool is_whole = end.position != std::string_view::npos;
  const size_t held = is_whole || at_end_ ? 0 : unfinished_mark(text_, value_ends_);
  const size_t length = is_whole ? end.position : text_.size() - held;
  append_escaped(text_.substr(0, length), *arguments_);
  text_.remove_prefix(length);
  if (!is_whole) return Step::kNeedsMore;
  *arguments_ += '"';
  end_value(end);
  return Step::kTaken;
}

/// A value of another type is shown once it is whole: as a string if it is no JSON.
CallReader::Step CallReader::read_json_value() {
  const FoundMark end = find_mark(text_, value_ends_);
  if (end.position == std::string_view::npos) return Step::kNeedsMore;
  const std::string_view value = text_.substr(0, end.position);
  LooseJson reader;
  std::string json;
  const std::string_view rest = value.substr(reader.push(value, true, json));
  const bool is_whole = reader.done() && space_length(rest) == rest.size();
  *arguments_ += is_whole && nlohmann::json::accept(json) ? json : json_string(value);
  text_.remove_prefix(end.position);
  end_value(end);
  return Step::kTaken;
}

void CallReader::end_value(const FoundMark& end) {
  text_.remove_prefix(value_ends_[end.mark].size());
  state_ = State::kParameters;
}

CallReader::Step CallReader::read_code() {
  if (!has_begun_) *arguments_ += "{\"code\": \"";
  has_begun_ = true;
  append_escaped(text_, *arguments_);
  text_ = {};
  if (!at_end_) return Step::kNeedsMore;
  *arguments_ += "\"}";
  state_ = State::kDone;
  return Step::kTaken;
}

CallReader::Step CallReader::read_tail() {
  const size_t space = space_length(text_);
  const PatternMatch tail = match_pattern(syntax_.tail, text_.substr(space), at_end_);
  if (tail.state == MatchState::kUndecided) return Step::kNeedsMore;
  if (tail.state == MatchState::kMatched && !syntax_.tail.empty()) text_.remove_prefix(space + tail.length);
  state_ = State::kDone;
  return Step::kTaken;
}

}  // namespace hearth
