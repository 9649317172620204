// Filters that lay text out in lines of a width: wordwrap, pprint.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "engine/text/jinja/interpreter/builtin.h"
#include "engine/text/jinja/interpreter/format.h"
#include "engine/text/jinja/interpreter/operators.h"
#include "engine/text/jinja/value/characters.h"
#include "engine/text/jinja/value/string_transform.h"
#include "engine/text/jinja/value/value.h"

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

/// Each line of the string broken into lines of at most `width` characters.
Result<Value> wordwrap(BuiltinCall& call) {
  HEARTH_ASSIGN(const Text text, call.subject_string());
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

/// The columns of pprint.
constexpr int64_t kWidth = 80;

/// Keys that have no order go by the names of their types, of which these are Python's.
std::string_view type_name(const Value& value) {
  if (value.is_none()) return "NoneType";
  if (value.boolean()) return "bool";
  if (value.real()) return "float";
  if (value.is_integer()) return "int";
  if (value.text()) return value.text()->is_safe() ? "markupsafe.Markup" : "str";
  return value.list() ? "tuple" : "object";
}

/// The value with the keys of all dicts within in order.
Result<Value> sorted(const Value& value, Interpreter& interpreter) {
  const Level level(interpreter.budget());
  if (!level) return interpreter.limit_error();
  if (value.list()) {
    HEARTH_ASSIGN(std::vector<Value> items, items_of(value, interpreter));
    for (Value& item : items) {
      HEARTH_ASSIGN(item, sorted(item, interpreter));
    }
    return Value(interpreter.heap().make<List>(std::move(items), value.list()->is_tuple));
  }
  if (!value.dict()) return value;
  HEARTH_ASSIGN(std::vector<Value> keys, items_of(value, interpreter));
  std::stable_sort(keys.begin(), keys.end(), [&](const Value& a, const Value& b) {
    const auto order = compare(a, b, interpreter.budget());
    return order ? std::is_lt(*order) : type_name(a) < type_name(b);
  });
  Dict* dict = interpreter.heap().make<Dict>();
  for (const Value& key : keys) {
    HEARTH_ASSIGN(Value item, sorted(*value.dict()->find(key), interpreter));
    HEARTH_TRY(set_item(*dict, key, std::move(item), interpreter));
  }
  return Value(dict);
}

/// Python's pprint.pformat: over several lines, with the keys of dicts in order.
class PrettyPrinter {
 public:
  explicit PrettyPrinter(Budget& budget) : budget_(budget), out_(budget) {}

  /// `indent` columns are taken before the value, `allowance` after it.
  void write(const Value& value, int64_t indent, int64_t allowance, int depth) {
    const Level level(budget_);
    if (!level) return;
    const Text plain = repr_of(value, budget_);
    const bool fits = static_cast<int64_t>(plain.characters()) <= kWidth - indent - allowance;
    const bool is_string = value.text() && !value.text()->is_safe();
    if (fits || !(value.list() || value.dict() || is_string)) {
      out_.append(plain);
    } else if (value.list()) {
      write_list(*value.list(), indent, allowance, depth + 1);
    } else if (value.dict()) {
      write_dict(*value.dict(), indent, allowance, depth + 1);
    } else {
      write_string(*value.text(), indent, allowance, depth == 0);
    }
  }
  Text take() { return out_.take(); }

 private:
  void put(std::string_view bytes) { out_.append(bytes, Origin::kTemplate); }
  void new_line(int64_t indent) {
    put("\n");
    put(std::string(static_cast<size_t>(indent), ' '));
  }

  void write_list(const List& list, int64_t indent, int64_t allowance, int depth) {
    const std::string_view close = !list.is_tuple ? "]" : list.items.size() == 1 ? ",)" : ")";
    put(list.is_tuple ? "(" : "[");
    for (size_t i = 0; i < list.items.size() && !budget_.exhausted(); ++i) {
      const bool is_last = i + 1 == list.items.size();
      write(list.items[i], indent + 1, is_last ? allowance + static_cast<int64_t>(close.size()) : 1, depth);
      if (is_last) break;
      put(",");
      new_line(indent + 1);
    }
    put(close);
  }

  void write_dict(const Dict& dict, int64_t indent, int64_t allowance, int depth) {
    put("{");
    size_t left = dict.size();
    for (const auto& [key, value] : dict.entries()) {
      if (budget_.exhausted()) return;
      const Text name = repr_of(key, budget_);
      out_.append(name);
      put(": ");
      const auto columns = static_cast<int64_t>(name.characters()) + 3;
      write(value, indent + columns, --left == 0 ? allowance + 1 : 1, depth);
      if (left == 0) break;
      put(",");
      new_line(indent + 1);
    }
    put("}");
  }

  /// Literals below each other that Python would join again; in brackets where nothing else is around them.
  void write_string(const Text& text, int64_t indent, int64_t allowance, bool has_brackets) {
    if (has_brackets) {
      ++indent;
      ++allowance;
    }
    const std::vector<Text> literals = literals_of(text, kWidth - indent, allowance);
    if (has_brackets && literals.size() > 1) put("(");
    for (size_t i = 0; i < literals.size(); ++i) {
      if (i > 0) new_line(indent);
      out_.append(literals[i]);
    }
    if (has_brackets && literals.size() > 1) put(")");
  }

  std::vector<Text> literals_of(const Text& text, int64_t width, int64_t allowance) {
    std::vector<Text> literals;
    const std::vector<Text> lines = split_lines(text, true, budget_);
    for (size_t i = 0; i < lines.size() && !budget_.exhausted(); ++i) {
      const bool is_last = i + 1 == lines.size();
      const Text whole = repr_of(Value(lines[i]), budget_);
      if (static_cast<int64_t>(whole.characters()) <= width - (is_last ? allowance : 0)) {
        literals.push_back(whole);
      } else {
        add_parts(lines[i], width, is_last ? allowance : 0, literals);
      }
    }
    return literals;
  }

  /// As many words, each with the white space after it, as fit one literal.
  void add_parts(const Text& line, int64_t width, int64_t allowance, std::vector<Text>& literals) {
    const std::string_view bytes = line.bytes();
    const auto is_no_space = [](char32_t c) { return !is_space(c); };
    size_t begin = 0;
    for (size_t next = 0; next < bytes.size() && !budget_.exhausted();) {
      size_t end = next + skip_leading(bytes.substr(next), is_no_space);
      end += skip_leading(bytes.substr(end), is_space);
      const bool is_last = end == bytes.size();
      const Text candidate = repr_of(Value(slice(line, begin, end, budget_)), budget_);
      const bool fits = static_cast<int64_t>(candidate.characters()) <= width - (is_last ? allowance : 0);
      if (!fits && next > begin) {
        literals.push_back(repr_of(Value(slice(line, begin, next, budget_)), budget_));
        begin = next;
      }
      next = end;
    }
    literals.push_back(repr_of(Value(slice(line, begin, bytes.size(), budget_)), budget_));
  }

  Budget& budget_;
  TextBuilder out_;
};

Result<Value> pprint(BuiltinCall& call) {
  HEARTH_ASSIGN(const Value ordered, sorted(call.subject, call.interpreter));
  PrettyPrinter printer(call.budget());
  printer.write(ordered, 0, 0, 0);
  return Value(printer.take());
}

constexpr Builtin kLayoutFilters[] = {
    {"wordwrap", wordwrap, 0, {"width", "break_long_words", "wrapstring", "break_on_hyphens"}},
    {"pprint", pprint},
};

}  // namespace

std::span<const Builtin> layout_filters() { return kLayoutFilters; }

}  // namespace hearth::jinja
