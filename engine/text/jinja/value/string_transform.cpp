#include "engine/text/jinja/value/string_transform.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/text/jinja/value/characters.h"

namespace hearth::jinja {
namespace {

/// Up to this length, comparing at every place costs no more than the table of the linear search.
constexpr size_t kShort = 32;

/// A text read from its beginning or from its end.
class Reading {
 public:
  Reading(std::string_view text, bool backwards) : text_(text), backwards_(backwards) {}
  size_t size() const { return text_.size(); }
  char operator[](size_t i) const { return backwards_ ? text_[text_.size() - 1 - i] : text_[i]; }

 private:
  std::string_view text_;
  bool backwards_;
};

/// Knuth, Morris and Pratt (1977): fallback[i] is the length of the longest proper prefix of wanted[0..i]
/// that is also its suffix.
std::vector<size_t> fallbacks(const Reading& wanted) {
  std::vector<size_t> fallback(wanted.size(), 0);
  for (size_t i = 1, matched = 0; i < wanted.size(); ++i) {
    while (matched > 0 && wanted[i] != wanted[matched]) matched = fallback[matched - 1];
    if (wanted[i] == wanted[matched]) ++matched;
    fallback[i] = matched;
  }
  return fallback;
}

size_t linear_search(const Reading& text, const Reading& wanted, size_t from) {
  const std::vector<size_t> fallback = fallbacks(wanted);
  for (size_t i = from, matched = 0; i < text.size(); ++i) {
    while (matched > 0 && text[i] != wanted[matched]) matched = fallback[matched - 1];
    if (text[i] == wanted[matched]) ++matched;
    if (matched == wanted.size()) return i + 1 - matched;
  }
  return std::string_view::npos;
}

/// The text with each character mapped by `map(std::string& out, char32_t, size_t offset)`, called in order.
template <typename Map>
Text map_characters(const Text& text, Budget& budget, Map map) {
  // Beyond ASCII, a mapping is searched for.
  budget.spend((text.size() - text.characters()) * 4);
  TextBuilder out(budget);
  if (budget.exhausted()) return {};
  size_t offset = 0;
  text.each_piece([&](std::string_view piece, Origin origin) {
    std::string mapped;
    each_character(piece, [&](char32_t c, std::string_view bytes) {
      map(mapped, c, offset);
      offset += bytes.size();
    });
    out.append(mapped, origin);
  });
  return out.take();
}

bool is_line_end(char32_t c) {
  return (c >= 0x0A && c <= 0x0D) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 || c == 0x2029;
}

}  // namespace

size_t find_text(std::string_view text, std::string_view wanted, size_t from, Budget& budget) {
  const size_t found = wanted.size() <= kShort
                           ? text.find(wanted, from)
                           : linear_search(Reading(text, false), Reading(wanted, false), from);
  const size_t stop = std::min(found, text.size());
  budget.spend_bytes((stop > from ? stop - from : 0) + wanted.size());
  return found;
}

size_t rfind_text(std::string_view text, std::string_view wanted, Budget& budget) {
  size_t found = std::string_view::npos;
  if (wanted.size() <= kShort) {
    found = text.rfind(wanted);
  } else {
    const size_t from_end = linear_search(Reading(text, true), Reading(wanted, true), 0);
    if (from_end != std::string_view::npos) found = text.size() - from_end - wanted.size();
  }
  budget.spend_bytes((found == std::string_view::npos ? text.size() : text.size() - found) + wanted.size());
  return found;
}

Text to_upper(const Text& text, Budget& budget) {
  return map_characters(text, budget, [](std::string& out, char32_t c, size_t) { append_upper(out, c); });
}

Text to_lower(const Text& text, Budget& budget) {
  return map_characters(text, budget, [&](std::string& out, char32_t, size_t offset) {
    append_lower(out, text.bytes(), offset);
  });
}

Text capitalize(const Text& text, Budget& budget) {
  return map_characters(text, budget, [&](std::string& out, char32_t c, size_t offset) {
    offset == 0 ? append_title(out, c) : append_lower(out, text.bytes(), offset);
  });
}

Text title_case(const Text& text, Budget& budget) {
  bool after_letter = false;
  return map_characters(text, budget, [&](std::string& out, char32_t c, size_t offset) {
    const bool within_word = std::exchange(after_letter, case_of(c) != LetterCase::kNone);
    within_word ? append_lower(out, text.bytes(), offset) : append_title(out, c);
  });
}

Text title_words(const Text& text, Budget& budget) {
  bool begins_word = true;
  size_t word = 0;
  return map_characters(text, budget, [&](std::string& out, char32_t c, size_t offset) {
    const bool separates = is_space(c) || std::u32string_view(U"-({[<").find(c) != std::u32string_view::npos;
    if (begins_word) {
      append_upper(out, c);
      word = offset + character_bytes(text.bytes()[offset]);
    } else {
      append_lower(out, text.bytes().substr(word), offset - word);
    }
    begins_word = separates;
  });
}

Text swap_case(const Text& text, Budget& budget) {
  return map_characters(text, budget, [&](std::string& out, char32_t c, size_t offset) {
    const LetterCase letter = case_of(c);
    if (letter == LetterCase::kUpper) {
      append_lower(out, text.bytes(), offset);
    } else if (letter == LetterCase::kLower) {
      append_upper(out, c);
    } else {
      append_utf8(out, c);
    }
  });
}

Text fold_case(const Text& text, Budget& budget) {
  return map_characters(text, budget, [](std::string& out, char32_t c, size_t) { append_folded(out, c); });
}

Text strip(const Text& text, Ends ends, std::optional<std::string_view> unwanted, Budget& budget) {
  std::u32string set;
  if (unwanted) {
    each_character(*unwanted, [&](char32_t c, std::string_view) { set += c; });
    std::sort(set.begin(), set.end());
  }
  const auto is_unwanted = [&](char32_t c) {
    return unwanted ? std::binary_search(set.begin(), set.end(), c) : is_space(c);
  };
  budget.spend_bytes(set.size());
  const bool left = ends != Ends::kRight;
  const bool right = ends != Ends::kLeft;
  const size_t begin = left ? skip_leading(text.bytes(), is_unwanted) : 0;
  const size_t end = right ? begin + skip_trailing(text.bytes().substr(begin), is_unwanted) : text.size();
  return slice(text, begin, end, budget);
}

Text center(const Text& text, int64_t width, std::string_view fill, Budget& budget) {
  const auto length = static_cast<int64_t>(text.characters());
  const int64_t padding = width > length ? width - length : 0;
  // Python puts the odd blank to the left where the width is odd.
  const int64_t before = padding / 2 + (padding & width & 1);
  TextBuilder out(budget);
  for (int64_t i = 0; i < before; ++i) out.append(fill, Origin::kTemplate);
  out.append(text);
  for (int64_t i = before; i < padding; ++i) out.append(fill, Origin::kTemplate);
  return out.take();
}

Text expand_tabs(const Text& text, int64_t size, Budget& budget) {
  TextBuilder out(budget);
  int64_t column = 0;
  size_t done = 0;
  size_t offset = 0;
  each_character(text.bytes(), [&](char32_t c, std::string_view bytes) {
    if (c == '\t') {
      out.append(text, done, offset);
      done = offset + 1;
      const int64_t blanks = size > 0 ? size - column % size : 0;
      out.append(std::string(static_cast<size_t>(blanks), ' '), text.origin_at(offset));
      column += blanks;
    } else {
      column = c == '\n' || c == '\r' ? 0 : column + 1;
    }
    offset += bytes.size();
  });
  out.append(text, done, text.size());
  return out.take();
}

Text replace(const Text& text, std::string_view old, const Text& with, int64_t count, Budget& budget) {
  TextBuilder out(budget);
  size_t done = 0;
  if (old.empty()) {  // between all characters, as in Python
    for (; count != 0 && !budget.exhausted(); --count) {
      out.append(with);
      if (done == text.size()) break;
      const size_t next = done + character_bytes(text.bytes()[done]);
      out.append(text, done, next);
      done = next;
    }
  } else {
    for (; count != 0 && !budget.exhausted(); --count) {
      const size_t found = find_text(text.bytes(), old, done, budget);
      if (found == std::string_view::npos) break;
      out.append(text, done, found);
      out.append(with);
      done = found + old.size();
    }
  }
  out.append(text, done, text.size());
  return out.take();
}

std::vector<Text> split(const Text& text, std::string_view separator, int64_t most, Budget& budget) {
  std::vector<Text> parts;
  size_t begin = 0;
  for (; most != 0 && !budget.exhausted(); --most) {
    const size_t found = find_text(text.bytes(), separator, begin, budget);
    if (found == std::string_view::npos) break;
    parts.push_back(slice(text, begin, found, budget));
    begin = found + separator.size();
  }
  parts.push_back(slice(text, begin, text.size(), budget));
  return parts;
}

std::vector<Text> rsplit(const Text& text, std::string_view separator, int64_t most, Budget& budget) {
  std::vector<Text> parts;
  size_t end = text.size();
  for (; most != 0 && !budget.exhausted(); --most) {
    const size_t found = rfind_text(text.bytes().substr(0, end), separator, budget);
    if (found == std::string_view::npos) break;
    parts.push_back(slice(text, found + separator.size(), end, budget));
    end = found;
  }
  parts.push_back(slice(text, 0, end, budget));
  std::reverse(parts.begin(), parts.end());
  return parts;
}

std::vector<Text> split_words(const Text& text, int64_t most, Budget& budget) {
  const auto is_no_space = [](char32_t c) { return !is_space(c); };
  const std::string_view bytes = text.bytes();
  std::vector<Text> words;
  size_t begin = skip_leading(bytes, is_space);
  for (; most != 0 && begin < bytes.size() && !budget.exhausted(); --most) {
    const size_t end = begin + skip_leading(bytes.substr(begin), is_no_space);
    words.push_back(slice(text, begin, end, budget));
    begin = end + skip_leading(bytes.substr(end), is_space);
  }
  if (begin < bytes.size()) words.push_back(slice(text, begin, bytes.size(), budget));
  return words;
}

std::vector<Text> rsplit_words(const Text& text, int64_t most, Budget& budget) {
  const auto is_no_space = [](char32_t c) { return !is_space(c); };
  const std::string_view bytes = text.bytes();
  std::vector<Text> words;
  size_t end = skip_trailing(bytes, is_space);
  for (; most != 0 && end > 0 && !budget.exhausted(); --most) {
    const size_t begin = skip_trailing(bytes.substr(0, end), is_no_space);
    words.push_back(slice(text, begin, end, budget));
    end = skip_trailing(bytes.substr(0, begin), is_space);
  }
  if (end > 0) words.push_back(slice(text, 0, end, budget));
  std::reverse(words.begin(), words.end());
  return words;
}

std::vector<Text> split_lines(const Text& text, bool keep_ends, Budget& budget) {
  const auto is_inside = [](char32_t c) { return !is_line_end(c); };
  const std::string_view bytes = text.bytes();
  std::vector<Text> lines;
  for (size_t begin = 0; begin < bytes.size() && !budget.exhausted();) {
    const size_t end = begin + skip_leading(bytes.substr(begin), is_inside);
    size_t next = end;
    if (next < bytes.size()) {
      next += bytes.substr(next).starts_with("\r\n") ? 2 : character_bytes(bytes[next]);
    }
    lines.push_back(slice(text, begin, keep_ends ? next : end, budget));
    begin = next;
  }
  return lines;
}

}  // namespace hearth::jinja
