#include "engine/text/answer/answer_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/text/answer/channels.h"

namespace hearth {
namespace {

using Kind = AnswerDelta::Kind;

/// What is looked through at once: marks are searched for from the beginning each time that one is found.
constexpr size_t kPieceLength = 1024;

/// The marks that calls begin with, of a section or of a call alone.
std::vector<std::string_view> marks_of_calls(const std::vector<CallSyntax>& calls) {
  std::vector<std::string_view> marks;
  for (const CallSyntax& syntax : calls) {
    if (syntax.place == CallPlace::kBeginning) continue;
    if (!syntax.section_begin.empty()) marks.push_back(first_mark(syntax.section_begin));
    if (syntax.section_begin.empty() || syntax.place != CallPlace::kInSection) {
      marks.push_back(first_mark(syntax.head));
    }
  }
  std::erase(marks, std::string_view());
  return marks;
}

size_t length_without_space(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text.size();
}

/// Nine letters, as some templates insist.
std::string made_id(size_t number) { return fmt::format("call{:05}", number); }

}  // namespace

AnswerParser::AnswerParser(AnswerFormat format, AnswerOptions options)
    : format_(std::move(format)),
      options_(std::move(options)),
      has_calls_(options_.tools.any() && (format_.channels || !format_.calls.empty())),
      has_reasoning_(!format_.reasoning.end.empty() && !options_.keep_reasoning) {
  if (has_calls_) begins_ = marks_of_calls(format_.calls);
  if (format_.channels)
    enter(State::kHeader);
  else if (has_reasoning_ && format_.reasoning.begin.empty())
    enter(State::kReasoning);
}

std::vector<AnswerDelta> AnswerParser::push(std::string_view text) {
  for (; !text.empty(); text.remove_prefix(std::min(text.size(), kPieceLength))) {
    text_ += text.substr(0, kPieceLength);
    if (call_) open_call_->text += text.substr(0, kPieceLength);
    run();
  }
  return std::exchange(deltas_, {});
}

std::vector<AnswerDelta> AnswerParser::finish() {
  at_end_ = true;
  run();
  if (state_ == State::kContent && !space_.empty()) deltas_.push_back({Kind::kContent, space_, 0, "", ""});
  return std::exchange(deltas_, {});
}

void AnswerParser::run() {
  if (!call_) open_call_.reset();
  while (step()) {
  }
}

/// False where more text is needed.
bool AnswerParser::step() {
  switch (state_) {
    case State::kContent:
      return read_content();
    case State::kReasoning:
      return read_reasoning();
    case State::kHeader:
      return read_header();
    case State::kSection:
      return read_section();
    case State::kCall:
      return read_call();
  }
  return false;
}

void AnswerParser::enter(State state) {
  state_ = state;
  skips_space_ = true;
  space_.clear();
}

std::vector<std::string_view> AnswerParser::content_marks() const {
  std::vector<std::string_view> marks = begins_;
  for (const std::string_view mark : format_.passed_over) {
    if (!options_.keep_reasoning || mark != format_.reasoning.end) marks.push_back(mark);
  }
  if (format_.channels) marks.insert(marks.end(), kChannelMarks.begin(), kChannelMarks.end());
  if (has_said_ || format_.channels) return marks;
  if (has_reasoning_) marks.push_back(format_.reasoning.begin);
  marks.push_back(format_.reasoning.end);  // of reasoning that there was none of
  std::erase(marks, std::string_view());
  return marks;
}

bool AnswerParser::read_content() {
  if (has_calls_ && !has_said_ && !format_.channels && read_bare_call()) return state_ != State::kContent;
  const std::vector<std::string_view> marks = content_marks();
  const bool had_said = has_said_;
  FoundMark found{};
  if (!write_up_to_mark(Kind::kContent, marks, found)) return false;
  // Behind what was just said, other marks count.
  return has_said_ != had_said || read_mark(Kind::kContent, marks[found.mark]);
}

/// True if the answer's beginning is a call without marks or may yet become one.
bool AnswerParser::read_bare_call() {
  const size_t space = space_length(text_);
  const std::string_view text = std::string_view(text_).substr(space);
  const CallHead head = match_bare_call(format_.calls, options_.tools, text, at_end_);
  if (head.state == MatchState::kMismatched) return false;
  await_call(head, text);
  if (head.state == MatchState::kMatched) {
    take(space);
    section_ = head.syntax;
    begin_call(head);
  }
  return true;
}

bool AnswerParser::read_reasoning() {
  std::vector<std::string_view> marks = {format_.reasoning.end};
  if (format_.channels) marks.assign(kChannelMarks.begin(), kChannelMarks.end());
  if (format_.calls_end_reasoning) marks.insert(marks.end(), begins_.begin(), begins_.end());
  FoundMark found{};
  return write_up_to_mark(Kind::kReasoning, marks, found) && read_mark(Kind::kReasoning, marks[found.mark]);
}

/// True where a mark now begins the text.
bool AnswerParser::write_up_to_mark(Kind kind, const std::vector<std::string_view>& marks, FoundMark& found) {
  found = find_mark(text_, marks);
  if (found.position == std::string_view::npos) {
    const size_t certain = text_.size() - (at_end_ ? 0 : unfinished_mark(text_, marks));
    write(kind, std::string_view(text_).substr(0, certain));
    take(certain);
    return false;
  }
  write(kind, std::string_view(text_).substr(0, found.position));
  take(found.position);
  const auto is_longer = [&](std::string_view mark) {
    return mark.size() > text_.size() && mark.starts_with(text_);
  };
  return at_end_ || std::none_of(marks.begin(), marks.end(), is_longer);
}

bool AnswerParser::read_mark(Kind kind, std::string_view mark) {
  if (format_.channels) {
    enter(State::kHeader);
    return true;
  }
  if (has_reasoning_ && (mark == format_.reasoning.begin || mark == format_.reasoning.end)) {
    take(mark.size());
    enter(mark == format_.reasoning.begin ? State::kReasoning : State::kContent);
    return true;
  }
  if (std::find(begins_.begin(), begins_.end(), mark) == begins_.end()) {  // one that is passed over
    take(mark.size());
    return true;
  }
  const CallHead head = match_call(format_.calls, options_.tools, text_, at_end_);
  if (head.state == MatchState::kUndecided) {
    await_call(head, text_);
    return false;
  }
  if (head.state == MatchState::kMatched) {
    const bool has_section = !head.syntax->section_begin.empty();
    section_ = has_section ? head.syntax : nullptr;
    begin_call(head);
    return true;
  }
  write(kind, mark);
  take(mark.size());
  return true;
}

void AnswerParser::write(Kind kind, std::string_view text) {
  if (skips_space_) text.remove_prefix(space_length(text));
  if (text.empty()) return;
  skips_space_ = false;
  // White space before a call or behind reasoning belongs to neither.
  const bool holds_space = has_calls_ || kind == Kind::kReasoning;
  const size_t length = holds_space ? length_without_space(text) : text.size();
  const std::string shown = length > 0 ? space_ + std::string(text.substr(0, length)) : "";
  if (length > 0) space_.clear();
  space_ += text.substr(length);
  if (shown.empty()) return;
  has_said_ = has_said_ || (kind == Kind::kContent && length_without_space(shown) > 0);
  deltas_.push_back({kind, shown, 0, "", ""});
}

/// The text begins with the head.
void AnswerParser::await_call(const CallHead& head, std::string_view text) {
  if (!head.awaited) return;
  open_call_ = {calls_, head.syntax, head.call.name, std::string(text.substr(*head.awaited))};
}

void AnswerParser::begin_call(const CallHead& head) {
  take(head.call.length);
  open_call_ = {calls_, head.syntax, head.call.name, text_};
  call_.emplace(head, options_.tools);
  std::string id = head.call.id;
  if (id.empty() && !head.syntax->id_last) id = made_id(options_.calls_before + calls_);
  call_has_id_ = !id.empty();
  deltas_.push_back({Kind::kCallBegun, "", calls_, id, head.call.name});
  enter(State::kCall);
}

bool AnswerParser::read_call() {
  std::string arguments;
  take(call_->push(text_, at_end_, arguments));
  if (!arguments.empty()) deltas_.push_back({Kind::kArguments, arguments, calls_, "", ""});
  if (!call_->done()) return false;
  end_call();
  return true;
}

void AnswerParser::end_call() {
  std::string id;
  if (!call_has_id_) {
    id = call_->late_id().empty() ? made_id(options_.calls_before + calls_) : call_->late_id();
  }
  deltas_.push_back({Kind::kCallEnded, "", calls_, id, ""});
  ++calls_;
  call_.reset();
  open_call_.reset();
  enter(format_.channels ? State::kHeader : section_ != nullptr ? State::kSection : State::kContent);
}

/// Between the calls of a section: its end, or the next.
bool AnswerParser::read_section() {
  const auto separates = [](char character) {
    return is_space(character) || character == ',' || character == ';';
  };
  const auto next = std::find_if_not(text_.begin(), text_.end(), separates);
  const auto gap = static_cast<size_t>(next - text_.begin());
  if (gap == text_.size()) return false;
  const std::string_view rest = std::string_view(text_).substr(gap);
  const PatternMatch end = match_pattern(section_->section_end, rest, at_end_);
  const bool ends = end.state == MatchState::kMatched && !section_->section_end.empty();
  const CallHead head = ends ? CallHead() : match_next_call(*section_, options_.tools, rest, at_end_);
  if (!ends && head.state != MatchState::kMatched &&
      (end.state == MatchState::kUndecided || head.state == MatchState::kUndecided)) {
    await_call(head, rest);
    return false;
  }
  take(gap + (ends ? end.length : 0));
  if (head.state == MatchState::kMatched) {
    begin_call(head);
    return true;
  }
  enter(State::kContent);
  return true;
}

bool AnswerParser::read_header() {
  const ChannelHeader header = read_channel_header(text_, at_end_);
  if (header.state == MatchState::kUndecided) return false;
  take(header.length);
  if (header.state == MatchState::kMismatched) {  // no header: it is said, with a mark that it begins with
    state_ = State::kContent;
    const std::vector<std::string_view> marks(kChannelMarks.begin(), kChannelMarks.end());
    const FoundMark found = find_mark(text_, marks);
    const size_t length = found.position == 0 ? marks[found.mark].size() : 0;
    write(Kind::kContent, std::string_view(text_).substr(0, length));
    take(length);
    return !text_.empty();
  }
  if (has_calls_ && !header.tool.empty()) {
    CallHead head;
    head.syntax = &kChannelCall;
    head.call.name = header.tool;
    begin_call(head);
  } else {
    enter(header.is_reasoning && has_reasoning_ ? State::kReasoning : State::kContent);
  }
  return true;
}

}  // namespace hearth
