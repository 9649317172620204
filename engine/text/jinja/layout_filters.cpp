// Filters that lay text out: indent, center, truncate, wordwrap, pprint.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "engine/text/jinja/access.h"
#include "engine/text/jinja/builtin.h"
#include "engine/text/jinja/characters.h"
#include "engine/text/jinja/format.h"
#include "engine/text/jinja/html.h"
#include "engine/text/jinja/operators.h"
#include "engine/text/jinja/print.h"
#include "engine/text/jinja/string_transform.h"

namespace hearth::jinja {
namespace {

struct WrapStyle {
  int64_t width;  // at least 1
  bool breaks_long_words;
  bool breaks_on_hyphens;
};

/// Where lines may break; str.isspace knows more.
bool is_break(char32_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// What may stand before a dash between words.
bool is_word_punctuation(char32_t c) {
  return is_word_character(c) || std::u32string_view(U"!\"'&.,?").find(c) != std::u32string_view::npos;
}

bool is_word_letter(char32_t c) { return is_word_character(c) && !is_decimal_digit(c); }

struct Chunk {
  size_t begin;  // in characters
  size_t end;

  size_t size() const { return end - begin; }
};

/// Cuts a paragraph where textwrap's pattern does: into white space, words, parts of hyphenated words and
/// dashes between words.
class Chunker {
 public:
  Chunker(const std::u32string& text, bool breaks_on_hyphens)
      : text_(text), breaks_on_hyphens_(breaks_on_hyphens) {}

  std::vector<Chunk> chunks() const {
    std::vector<Chunk> chunks;
    for (size_t begin = 0; begin < text_.size();) {
      const size_t end = end_of_chunk(begin);
      chunks.push_back({begin, end});
      begin = end;
    }
    return chunks;
  }

 private:
  bool letter_at(size_t i) const { return i < text_.size() && is_word_letter(text_[i]); }
  bool hyphen_at(size_t i) const { return i < text_.size() && text_[i] == '-'; }
  size_t end_of_hyphens(size_t i) const { return std::min(text_.find_first_not_of(U'-', i), text_.size()); }

  /// Whether two or more hyphens at `i` stand between words.
  bool is_dash(size_t i) const {
    if (i == 0 || !hyphen_at(i) || !hyphen_at(i + 1) || !is_word_punctuation(text_[i - 1])) return false;
    const size_t end = end_of_hyphens(i);
    return end < text_.size() && is_word_character(text_[end]);
  }

  /// Whether the word may break after the hyphen at `i`: between letters, of which there are two before it,
  /// or another hyphen and what may follow one.
  bool is_hyphenation(size_t i) const {
    if (!hyphen_at(i)) return false;
    const bool after_letters = i >= 2 && is_word_letter(text_[i - 2]) && is_word_letter(text_[i - 1]);
    const bool after_hyphen =
        i >= 3 && is_word_letter(text_[i - 3]) && text_[i - 2] == '-' && is_word_punctuation(text_[i - 1]);
    if (!after_letters && !after_hyphen) return false;
    return letter_at(i + 1) && (letter_at(i + 2) || (hyphen_at(i + 2) && letter_at(i + 3)));
  }

  size_t end_of_chunk(size_t begin) const {
    const bool is_blank = is_break(text_[begin]);
    size_t end = begin + 1;
    if (is_blank || !breaks_on_hyphens_) {
      while (end < text_.size() && is_break(text_[end]) == is_blank) ++end;
      return end;
    }
    if (is_dash(begin)) return end_of_hyphens(begin);
    for (; end < text_.size() && !is_break(text_[end]); ++end) {
      if (is_hyphenation(end)) return end + 1;
      if (is_dash(end)) return end;
    }
    return end;
  }

  const std::u32string& text_;
  const bool breaks_on_hyphens_;
};

class Wrapper {
 public:
  Wrapper(const std::u32string& text, const WrapStyle& style)
      : text_(text), style_(style), chunks_(Chunker(text, style.breaks_on_hyphens).chunks()) {}

  /// The lines' beginnings and ends.
  std::vector<Chunk> lines() {
    std::vector<Chunk> lines;
    while (next_ < chunks_.size()) {
      if (!lines.empty() && is_blank(chunks_[next_])) ++next_;
      const std::vector<Chunk> line = take_line();
      if (!line.empty()) lines.push_back({line.front().begin, line.back().end});
    }
    return lines;
  }

 private:
  /// White space, or the nothing that is left of a word that fits no longer.
  bool is_blank(const Chunk& chunk) const {
    return std::all_of(text_.begin() + static_cast<std::ptrdiff_t>(chunk.begin),
                       text_.begin() + static_cast<std::ptrdiff_t>(chunk.end), is_space);
  }

  std::vector<Chunk> take_line() {
    const auto width = static_cast<size_t>(style_.width);
    std::vector<Chunk> line;
    size_t length = 0;
    while (next_ < chunks_.size() && length + chunks_[next_].size() <= width) {
      length += chunks_[next_].size();
      line.push_back(chunks_[next_++]);
    }
    if (next_ < chunks_.size() && chunks_[next_].size() > width) take_part_of_word(line, width - length);
    if (!line.empty() && is_blank(line.back())) line.pop_back();
    return line;
  }

  /// As much of a word that is longer than a line as fits into this one.
  void take_part_of_word(std::vector<Chunk>& line, size_t space) {
    Chunk& word = chunks_[next_];
    if (!style_.breaks_long_words) {
      if (line.empty()) line.push_back(chunks_[next_++]);
      return;
    }
    size_t end = word.begin + space;
    if (style_.breaks_on_hyphens && space > 0) {
      const std::u32string_view part = std::u32string_view(text_).substr(word.begin, space);
      const size_t hyphen = part.rfind(U'-');
      const bool has_hyphen = hyphen != std::u32string_view::npos;
      if (has_hyphen && part.find_first_not_of(U'-') < hyphen) end = word.begin + hyphen + 1;
    }
    line.push_back({word.begin, end});
    word.begin = end;
  }

  const std::u32string& text_;
  const WrapStyle& style_;
  std::vector<Chunk> chunks_;
  size_t next_ = 0;
};

std::vector<Text> wrap_words(const Text& paragraph, const WrapStyle& style, Budget& budget) {
  // Characters, where they begin, and the chunks between them.
  budget.spend(paragraph.characters() * 2);
  if (budget.exhausted()) return {};
  std::u32string characters;
  std::vector<size_t> offsets;
  size_t offset = 0;
  each_character(paragraph.bytes(), [&](char32_t c, std::string_view bytes) {
    characters += c;
    offsets.push_back(offset);
    offset += bytes.size();
  });
  offsets.push_back(offset);
  std::vector<Text> lines;
  for (const auto& [begin, end] : Wrapper(characters, style).lines()) {
    lines.push_back(slice(paragraph, offsets[begin], offsets[end], budget));
  }
  return lines;
}

/// The filtered string, where nothing else will do.
Result<Text> string_of(const BuiltinCall& call) {
  if (call.subject.text()) return *call.subject.text();
  return call.interpreter.fail_about(
      call.subject, fmt::format("{} needs a string, not {}", call.builtin.name, call.subject.described()));
}

Result<Text> indentation(BuiltinCall& call) {
  if (call.arguments[0].text()) return *call.arguments[0].text();
  HEARTH_ASSIGN(const int64_t width, call.integer(0, 4));
  if (width > kMaxFormatWidth) return call.fail("indent by that many columns is too much");
  return Text(std::string(static_cast<size_t>(std::max<int64_t>(width, 0)), ' '), Origin::kTemplate);
}

/// Indents the lines after the first; the first too with `first`, empty ones too with `blank`.
Result<Value> indent(BuiltinCall& call) {
  HEARTH_ASSIGN(const Text text, string_of(call));
  HEARTH_ASSIGN(const Text width, indentation(call));
  const bool blank = call.flag(2, false);
  std::vector<Text> lines = split_lines(text, false, call.budget());
  const std::vector<Text> whole_lines = split_lines(text, true, call.budget());
  const bool ends_with_newline = !text.empty() && text.bytes().back() == '\n';
  if (lines.empty() || ends_with_newline) lines.emplace_back();
  TextBuilder out(call.budget());
  for (size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) out.append("\n", whole_lines[i - 1].origin_at(lines[i - 1].size()));
    const bool is_indented = i == 0 ? call.flag(1, false) : (blank || !lines[i].empty());
    if (is_indented) out.append(width);
    out.append(lines[i]);
  }
  return Value(out.take().as_safe(text.is_safe()));
}

Result<Value> center_filter(BuiltinCall& call) {
  HEARTH_ASSIGN(const int64_t width, call.integer(0, 80));
  if (width > kMaxFormatWidth) return call.fail("center in that many columns is too much");
  const Text text = call.subject_text();
  return Value(center(text, width, " ", call.budget()).as_safe(text.is_safe()));
}

Result<Value> truncate(BuiltinCall& call) {
  HEARTH_ASSIGN(const int64_t length, call.integer(0, 255));
  HEARTH_ASSIGN(const Text end, call.text(2, "..."));
  int64_t leeway = 5;
  if (!call.arguments[3].is_none()) {
    HEARTH_ASSIGN(leeway, call.integer(3, leeway));
  }
  const auto end_length = static_cast<int64_t>(end.characters());
  if (length < end_length) return call.fail("truncate needs a length that its end fits into");
  if (leeway < 0) return call.fail("truncate needs a leeway that is not negative");
  if (!call.subject.text()) {  // what is short enough stays what it is
    HEARTH_ASSIGN(const Value size, call.interpreter.apply_filter("length", call.subject, {}));
    if (*size.integer() - length <= leeway) return call.subject;
  }
  HEARTH_ASSIGN(const Text text, string_of(call));
  const auto characters = static_cast<int64_t>(text.characters());
  if (characters - length <= leeway) return Value(text);
  const size_t kept = text.offset_of(static_cast<size_t>(length - end_length));
  size_t stop = kept;
  if (!call.flag(1, false)) {  // not within a word
    const size_t blank = text.bytes().substr(0, kept).rfind(' ');
    if (blank != std::string_view::npos) stop = blank;
  }
  const Value beginning(slice(text, 0, stop, call.budget()).as_safe(text.is_safe()));
  return apply_binary(BinaryOperator::kAdd, beginning, Value(end), call.interpreter);
}

/// Each line of the string broken into lines of at most `width` characters.
Result<Value> wordwrap(BuiltinCall& call) {
  HEARTH_ASSIGN(const Text text, string_of(call));
  HEARTH_ASSIGN(const int64_t width, call.integer(0, 79));
  std::optional<Text> separator;
  if (call.has(2) && !call.arguments[2].is_none()) {
    HEARTH_ASSIGN(separator, call.text(2, ""));
  }
  const WrapStyle style{width, call.flag(1, true), call.flag(3, true)};
  TextBuilder out(call.budget());
  bool is_first = true;
  for (const Text& paragraph : split_lines(text, false, call.budget())) {
    if (width <= 0) return call.fail("wordwrap needs a width of at least one character");
    std::vector<Text> lines = wrap_words(paragraph, style, call.budget());
    if (lines.empty()) lines.emplace_back();
    for (const Text& line : lines) {
      if (!std::exchange(is_first, false)) {
        // A break within the input is the input's, too: the template wrote none there.
        separator ? out.append(*separator)
                  : out.append("\n", text.has_input() ? Origin::kInput : Origin::kTemplate);
      }
      out.append(line);
    }
  }
  return Value(out.take());
}

Result<Value> pprint(BuiltinCall& call) {
  HEARTH_ASSIGN(Text text, pretty_print(call.subject, call.interpreter));
  return Value(std::move(text));
}

constexpr Builtin kLayoutFilters[] = {
    {"indent", indent, 0, {"width", "first", "blank"}},
    {"center", center_filter, 0, {"width"}},
    {"truncate", truncate, 0, {"length", "killwords", "end", "leeway"}},
    {"wordwrap", wordwrap, 0, {"width", "break_long_words", "wrapstring", "break_on_hyphens"}},
    {"pprint", pprint},
};

}  // namespace

std::span<const Builtin> layout_filters() { return kLayoutFilters; }

}  // namespace hearth::jinja
