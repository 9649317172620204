#include "engine/text/jinja/search.h"

#include <algorithm>
#include <vector>

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

}  // namespace hearth::jinja
