// How pre-tokenizers cut numbers into groups of three digits, counted from the end: 12|345|678. All run in
// time linear in the text, for they know from the digit before them that they stand within a number.
#pragma once

#include <algorithm>

#include "engine/text/pre_tokenizer_characters.h"
#include "engine/text/pre_tokenizer_matchers.h"

namespace hearth {

/// \d
inline bool is_decimal_digit(const Character& c) { return c.in(category_set(GeneralCategory::kNd)); }

/// Where the first group of the digits at..end ends.
inline size_t first_group_of_three(size_t at, size_t end) {
  const size_t left_over = (end - at) % 3;
  return at + (left_over == 0 ? 3 : left_over);
}

/// \p{N}+ cut into these groups.
inline size_t digits_from_right(CharacterSpan text, size_t at) {
  if (at == text.size() || !is_number(text[at])) return at;
  // After the first group, what remains of the run is a multiple of three.
  if (at > 0 && is_number(text[at - 1])) return at + 3;
  return first_group_of_three(at, run<is_number>(text, at));
}

/// \d{1,3}(?=(?:\d{3})*\b): the groups of a number that ends a word. For any other, a rule has to pass over
/// the whole of it (SplitRule::mismatch).
inline size_t digits_from_right_of_word(CharacterSpan text, size_t at) {
  if (at == text.size() || !is_decimal_digit(text[at])) return at;
  // After the first group, what remains of the number is a multiple of three.
  if (at > 0 && is_decimal_digit(text[at - 1])) return at + 3;
  const size_t end = run<is_decimal_digit>(text, at);
  return end < text.size() && is_word_character(text[end]) ? at : first_group_of_three(at, end);
}

/// (?=(\d{3})+(?!\d)), which matches nothing but cuts before every group: all up to the next cut.
inline size_t to_next_group_of_three(CharacterSpan text, size_t at) {
  size_t end = at;
  if (at > 0) {  // a group begins here
    end += 3;
    if (end < text.size() && is_decimal_digit(text[end])) return end;
  }
  while (end < text.size()) {
    const size_t digits_end = run<is_decimal_digit>(text, end);
    const size_t groups = (digits_end - end) / 3;
    const size_t first_group = digits_end - groups * 3;
    if (groups > 0 && first_group > at) return first_group;
    if (groups > 1) return at + 3;  // the text begins with a group
    end = std::max(digits_end, end + 1);
  }
  return end;
}

}  // namespace hearth
