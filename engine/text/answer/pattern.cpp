#include "engine/text/answer/pattern.h"

#include <algorithm>

namespace hearth {
namespace {

/// Longer ones are no names.
constexpr size_t kLongestName = 256;

bool is_special(char character) { return character == '$' || character == ' ' || character == '\n'; }

bool is_letter(char character) { return character >= 'a' && character <= 'z'; }

/// Names of tools, ids and keys: in ASCII all but white space and what tags are made of.
bool belongs_to_name(char character) {
  const auto code = static_cast<unsigned char>(character);
  return code > ' ' && std::string_view("<>\"'(){}[],=").find(character) == std::string_view::npos;
}

/// Walks through pattern and text side by side.
class Matcher {
 public:
  Matcher(std::string_view pattern, std::string_view text, bool at_end)
      : pattern_(pattern), text_(text), at_end_(at_end) {}

  PatternMatch match() {
    found_.state = MatchState::kMatched;
    while (found_.state == MatchState::kMatched && !pattern_.empty()) step();
    found_.length = place_;
    return std::move(found_);
  }

 private:
  void step() {
    const char next = pattern_.front();
    if (next == '$') return capture();
    if (next == ' ' || next == '\n') return space();
    const std::string_view mark = first_mark(pattern_);
    const std::string_view rest = text_.substr(place_);
    if (rest.starts_with(mark)) {
      place_ += mark.size();
      pattern_.remove_prefix(mark.size());
    } else {
      fail(mark.starts_with(rest));
    }
  }

  void space() {
    const bool one = pattern_.front() == '\n';
    const std::string_view rest = text_.substr(place_);
    if (rest.empty() && !at_end_ && (one || pattern_.size() > 1)) return fail(true);
    place_ += one ? (rest.starts_with('\n') ? 1 : 0) : space_length(rest);
    pattern_.remove_prefix(1);
  }

  void capture() {
    size_t length = 1;
    while (length < pattern_.size() && is_letter(pattern_[length])) ++length;
    const std::string_view which = pattern_.substr(1, length - 1);
    pattern_.remove_prefix(length);
    const std::string_view until = first_mark(pattern_);
    size_t end = place_;
    while (end < text_.size() && end - place_ <= kLongestName) {
      const std::string_view rest = text_.substr(end);
      if (!until.empty() && rest.starts_with(until)) break;
      if (!until.empty() && until.starts_with(rest)) return fail(true);
      if (!belongs_to_name(text_[end])) break;
      ++end;
    }
    if (end - place_ > kLongestName) return fail(false);
    if (end == text_.size() && !at_end_) return fail(true);
    if (end == place_) return fail(false);
    value(which) = text_.substr(place_, end - place_);
    place_ = end;
  }

  std::string& value(std::string_view which) {
    if (which == "name") return found_.name;
    if (which == "id") return found_.id;
    return which == "key" ? found_.key : found_.string;
  }

  void fail(bool may_yet) {
    found_.state = may_yet && !at_end_ ? MatchState::kUndecided : MatchState::kMismatched;
  }

  std::string_view pattern_;
  std::string_view text_;
  bool at_end_;
  size_t place_ = 0;
  PatternMatch found_{};
};

}  // namespace

PatternMatch match_pattern(std::string_view pattern, std::string_view text, bool at_end) {
  return Matcher(pattern, text, at_end).match();
}

std::string_view first_mark(std::string_view pattern) {
  const auto end = std::find_if(pattern.begin(), pattern.end(), is_special);
  return pattern.substr(0, static_cast<size_t>(end - pattern.begin()));
}

std::vector<std::string_view> marks_in(std::string_view pattern) {
  std::vector<std::string_view> marks;
  while (!pattern.empty()) {
    const std::string_view mark = first_mark(pattern);
    if (!mark.empty()) marks.push_back(mark);
    pattern.remove_prefix(mark.size());
    const bool is_placeholder = pattern.starts_with('$');
    if (!pattern.empty()) pattern.remove_prefix(1);
    while (is_placeholder && !pattern.empty() && is_letter(pattern.front())) pattern.remove_prefix(1);
  }
  return marks;
}

FoundMark find_mark(std::string_view text, const std::vector<std::string_view>& marks) {
  FoundMark found = {std::string_view::npos, 0};
  for (size_t index = 0; index < marks.size(); ++index) {
    const size_t position = text.find(marks[index]);
    if (position == std::string_view::npos) continue;
    const bool is_longer = position == found.position && marks[index].size() > marks[found.mark].size();
    if (position < found.position || is_longer) found = {position, index};
  }
  return found;
}

size_t unfinished_mark(std::string_view text, const std::vector<std::string_view>& marks) {
  size_t longest = 0;
  for (const std::string_view mark : marks) longest = std::max(longest, mark.size());
  for (size_t length = std::min(text.size(), longest); length > 0; --length) {
    const std::string_view end = text.substr(text.size() - length);
    for (const std::string_view mark : marks) {
      if (mark.size() > length && mark.starts_with(end)) return length;
    }
  }
  return 0;
}

bool is_space(char character) {
  return character == ' ' || character == '\n' || character == '\r' || character == '\t';
}

size_t space_length(std::string_view text) {
  size_t length = 0;
  while (length < text.size() && is_space(text[length])) ++length;
  return length;
}

}  // namespace hearth
