// The parts that the regular expressions of pre-tokenizers are made of, each a function that matches at one
// place. They compose as templates; all run in time linear in what they consume.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/text/unicode.h"

namespace hearth {

struct Character {
  char32_t code_point;
  CharacterClass properties;
  uint8_t bytes;

  bool in(CategorySet set) const { return properties.in(set); }
};

/// The piece of text being cut. Nothing before or after it can be seen, as in the original tokenizers.
using CharacterSpan = std::span<const Character>;

/// Whether a character is in a class, as [...] in a regular expression.
using Predicate = bool (*)(const Character&);

/// Where a match that begins at `at` ends; `at` itself where there is none. No matcher matches nothing.
using Matcher = size_t (*)(CharacterSpan text, size_t at);

// Classes.

inline bool is_letter(const Character& c) { return c.in(kLetters); }
inline bool is_number(const Character& c) { return c.in(kNumbers); }
inline bool is_space(const Character& c) { return c.properties.white_space; }
inline bool is_newline(const Character& c) { return c.code_point == '\r' || c.code_point == '\n'; }
inline bool is_newline_or_slash(const Character& c) { return is_newline(c) || c.code_point == '/'; }
inline bool is_han(const Character& c) { return c.properties.han; }
inline bool is_ascii_digit(const Character& c) { return c.code_point >= '0' && c.code_point <= '9'; }
inline bool is_ascii_letter(const Character& c) {
  const char32_t lower = c.code_point | 0x20;
  return lower >= 'a' && lower <= 'z';
}
/// [^\s\p{L}\p{N}]
inline bool is_other(const Character& c) { return !is_space(c) && !c.in(kLetters | kNumbers); }

// Runs.

/// x+
template <Predicate is>
size_t run(CharacterSpan text, size_t at) {
  while (at < text.size() && is(text[at])) ++at;
  return at;
}

/// x{1,max}
template <Predicate is, size_t max>
size_t run_up_to(CharacterSpan text, size_t at) {
  return at + run<is>(text.subspan(at, std::min(max, text.size() - at)), 0);
}

/// x{count}
template <Predicate is, size_t count>
size_t exactly(CharacterSpan text, size_t at) {
  const size_t end = run_up_to<is, count>(text, at);
  return end - at == count ? end : at;
}

// Combinations.

/// lead?core
template <Predicate lead, Matcher core>
size_t with_lead(CharacterSpan text, size_t at) {
  if (at < text.size() && lead(text[at])) {
    if (const size_t end = core(text, at + 1); end > at + 1) return end;
  }
  return core(text, at);
}

inline bool is_blank(const Character& c) { return c.code_point == ' '; }

/// " ?core"
template <Matcher core>
size_t spaced(CharacterSpan text, size_t at) {
  return with_lead<is_blank, core>(text, at);
}

/// core(?:tail)? where tail is a matcher of its own
template <Matcher core, Matcher tail>
size_t with_tail(CharacterSpan text, size_t at) {
  const size_t end = core(text, at);
  return end == at ? at : tail(text, end);
}

// White space.

/// \s+(?!\S): white space up to the end of the text, or all but the last of what stands before something.
inline size_t spaces_but_last(CharacterSpan text, size_t at) {
  const size_t end = run<is_space>(text, at);
  return end == text.size() || end == at ? end : end - 1;
}

/// \s*[\r\n]+ (and \s*[\r\n]): white space up to the last line end in it.
inline size_t spaces_to_newline(CharacterSpan text, size_t at) {
  // Within a run of spaces, this has been tried at its beginning and there was no line end.
  if (at > 0 && is_space(text[at - 1]) && !is_newline(text[at - 1])) return at;
  size_t end = run<is_space>(text, at);
  while (end > at && !is_newline(text[end - 1])) --end;
  return end;
}

/// \s+$
inline size_t spaces_at_end(CharacterSpan text, size_t at) {
  // Within a run of spaces, this has been tried at its beginning and it did not reach the end.
  if (at > 0 && is_space(text[at - 1])) return at;
  const size_t end = run<is_space>(text, at);
  return end == text.size() ? end : at;
}

// Words.

/// 's|'t|'re|'ve|'m|'ll|'d, in any case where `any_case`.
template <bool any_case>
size_t contraction(CharacterSpan text, size_t at) {
  if (at + 1 >= text.size() || text[at].code_point != '\'') return at;
  const auto letter = [&](size_t i) -> char32_t {
    if (i >= text.size()) return 0;
    const char32_t code_point = text[i].code_point;
    return any_case && is_ascii_letter(text[i]) ? code_point | 0x20 : code_point;
  };
  const char32_t first = letter(at + 1);
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return at + 2;
  const char32_t second = letter(at + 2);
  const bool two =
      (first == 'r' && second == 'e') || (first == 'v' && second == 'e') || (first == 'l' && second == 'l');
  return two ? at + 3 : at;
}

/// upper*lower+ where some characters may be in both classes: as much as upper+ takes, giving back what
/// lower+ needs.
template <Predicate upper, Predicate lower>
size_t capitalised(CharacterSpan text, size_t at) {
  const size_t uppers_end = run<upper>(text, at);
  const size_t end = run<lower>(text, uppers_end);
  if (end > uppers_end) return end;
  size_t last = uppers_end;
  while (last > at && !lower(text[last - 1])) --last;
  return last;
}

/// upper+lower*
template <Predicate upper, Predicate lower>
size_t capitals(CharacterSpan text, size_t at) {
  return with_tail<run<upper>, run<lower>>(text, at);
}

}  // namespace hearth
