#include "engine/text/answer/call_head.h"

#include <utility>

namespace hearth {
namespace {

/// A head that goes on for longer, such as one with its arguments before its name, is no call.
constexpr size_t kLongestHead = size_t{1} << 14;

class HeadMatcher {
 public:
  HeadMatcher(const CallSyntax& syntax, const ToolSchemas& tools, std::string_view text, bool at_end)
      : syntax_(syntax), tools_(tools), text_(text), at_end_(at_end) {
    head_.syntax = &syntax;
  }

  /// `known_only`: the call must name a tool that there is.
  CallHead match(std::string_view section_begin, bool known_only) {
    const PatternMatch section = match_pattern(section_begin, text_, at_end_);
    head_.state = section.state;
    place_ = section.length;
    if (is_matched() && !section_begin.empty()) skip_space();
    if (is_matched()) match_mark();
    const size_t behind_mark = place_;
    const bool awaits_mark =
        is_matched() && !known_only &&
        (syntax_.arguments == ArgumentSyntax::kTagged || syntax_.arguments == ArgumentSyntax::kObject);
    if (is_matched()) match_arguments();
    const bool may_be = !known_only || tools_.may_be(head_.call.name);
    if (head_.call.awaits_arguments && may_be) head_.awaited = place_;
    if (is_matched() && !may_be) head_.state = MatchState::kMismatched;
    if (place_ > kLongestHead) head_.state = MatchState::kMismatched;
    if (head_.state == MatchState::kUndecided && (at_end_ || text_.size() > kLongestHead)) {
      head_.state = MatchState::kMismatched;
    }
    head_.call.length = place_;
    if (awaits_mark) head_.awaited = behind_mark;
    if (head_.state != MatchState::kUndecided) head_.awaited.reset();
    return std::move(head_);
  }

 private:
  bool is_matched() const { return head_.state == MatchState::kMatched; }

  void skip_space() { place_ += space_length(text_.substr(place_)); }

  void match_mark() {
    PatternMatch mark = match_pattern(syntax_.head, text_.substr(place_), at_end_);
    head_.state = mark.state;
    head_.call.name = std::move(mark.name);
    head_.call.id = std::move(mark.id);
    place_ += mark.length;
    // The arguments begin with the bracket that ends the name.
    if (syntax_.head.ends_with('(') || syntax_.head.ends_with('{')) place_ -= is_matched() ? 1 : 0;
    if (is_matched() && syntax_.head.find("$name") == std::string_view::npos) name_from_id();
  }

  /// "functions.weather:0"
  void name_from_id() {
    std::string_view name = head_.call.id;
    name = name.substr(0, name.rfind(':'));
    head_.call.name = name.substr(name.starts_with("functions.") ? 10 : 0);
  }

  void match_arguments() {
    switch (syntax_.arguments) {
      case ArgumentSyntax::kWrapped:
      case ArgumentSyntax::kNamed:
        return match_wrapped();
      case ArgumentSyntax::kObject:
        return expect({"{", syntax_.tail, syntax_.section_end});
      case ArgumentSyntax::kTagged:
        return expect({syntax_.parameter, syntax_.tail, syntax_.section_end});
      case ArgumentSyntax::kParentheses:
        return;
      case ArgumentSyntax::kCode:
        head_.call.name = tools_.code_tool();
        if (head_.call.name.empty()) head_.state = MatchState::kMismatched;
        return;
    }
  }

  void match_wrapped() {
    skip_space();
    CallWrapper call =
        match_wrapper(text_.substr(place_), at_end_, syntax_.arguments == ArgumentSyntax::kNamed);
    head_.state = call.state;
    place_ += call.length;
    head_.call = std::move(call);
    const bool is_bare = syntax_.place == CallPlace::kBeginning;
    if (is_matched() && is_bare && !head_.call.has_arguments) head_.state = MatchState::kMismatched;
  }

  /// One of the marks, or the end of the answer, must follow.
  void expect(const std::vector<std::string_view>& patterns) {
    skip_space();
    const std::string_view rest = text_.substr(place_);
    head_.state = rest.empty() && at_end_ ? MatchState::kMatched : MatchState::kMismatched;
    for (const std::string_view pattern : patterns) {
      const std::string_view mark = first_mark(pattern.substr(space_length(pattern)));
      if (mark.empty()) continue;
      if (rest.starts_with(mark))
        head_.state = MatchState::kMatched;
      else if (mark.starts_with(rest) && !is_matched())
        head_.state = MatchState::kUndecided;
    }
  }

  const CallSyntax& syntax_;
  const ToolSchemas& tools_;
  std::string_view text_;
  bool at_end_;
  size_t place_ = 0;
  CallHead head_;
};

/// The first syntax counts that matches or may yet.
void take_first(CallHead& first, CallHead head) {
  if (first.state == MatchState::kMismatched) first = std::move(head);
}

}  // namespace

CallHead match_call(const std::vector<CallSyntax>& syntaxes, const ToolSchemas& tools, std::string_view text,
                    bool at_end) {
  CallHead first;
  for (const CallSyntax& syntax : syntaxes) {
    if (syntax.place == CallPlace::kBeginning) continue;
    HeadMatcher matcher(syntax, tools, text, at_end);
    take_first(first, matcher.match(syntax.section_begin, false));
    if (syntax.section_begin.empty() || syntax.place == CallPlace::kInSection) continue;
    HeadMatcher lone(syntax, tools, text, at_end);
    take_first(first, lone.match("", syntax.place == CallPlace::kEither));
  }
  return first;
}

CallHead match_next_call(const CallSyntax& syntax, const ToolSchemas& tools, std::string_view text,
                         bool at_end) {
  return HeadMatcher(syntax, tools, text, at_end).match("", syntax.place == CallPlace::kBeginning);
}

CallHead match_bare_call(const std::vector<CallSyntax>& syntaxes, const ToolSchemas& tools,
                         std::string_view text, bool at_end) {
  CallHead first;
  for (const CallSyntax& syntax : syntaxes) {
    if (syntax.place != CallPlace::kBeginning) continue;
    HeadMatcher matcher(syntax, tools, text, at_end);
    take_first(first, matcher.match(syntax.section_begin, true));
  }
  return first;
}

}  // namespace hearth
