#include "engine/base/nearest_name.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace hearth {
namespace {

char lower(char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter; }

/// Letters to put in, take out or replace (Levenshtein 1965).
size_t edits_between(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t corner = std::exchange(row[0], i + 1);
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t above = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, above + 1, corner + (lower(a[i]) == lower(b[j]) ? 0 : 1)});
      corner = above;
    }
  }
  return row.back();
}

}  // namespace

std::string nearest_name(std::string_view given, const std::vector<std::string>& names) {
  constexpr size_t kEnough = 256;  // names are shorter; the given one may be of any length
  const std::string_view start = given.substr(0, kEnough);
  const auto nearest = std::min_element(names.begin(), names.end(), [&](const auto& a, const auto& b) {
    return edits_between(start, a) < edits_between(start, b);
  });
  return nearest == names.end() ? std::string() : *nearest;
}

}  // namespace hearth
