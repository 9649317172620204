#include "engine/text/jinja/word_wrap.h"

#include <algorithm>
#include <string>

#include "engine/text/jinja/characters.h"

namespace hearth::jinja {
namespace {

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

}  // namespace

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

}  // namespace hearth::jinja
