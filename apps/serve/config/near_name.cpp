#include "apps/serve/config/near_name.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

namespace hearth::serve {
namespace {

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return lower;
}

/// Changes that make one of the other (optimal string alignment).
size_t distance(const std::string& from, const std::string& to) {
  std::vector<std::vector<size_t>> changes(from.size() + 1, std::vector<size_t>(to.size() + 1));
  for (size_t i = 0; i <= from.size(); ++i) changes[i][0] = i;
  for (size_t j = 0; j <= to.size(); ++j) changes[0][j] = j;
  for (size_t i = 1; i <= from.size(); ++i) {
    for (size_t j = 1; j <= to.size(); ++j) {
      const size_t replaced = changes[i - 1][j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
      changes[i][j] = std::min({replaced, changes[i - 1][j] + 1, changes[i][j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
      if (swapped) changes[i][j] = std::min(changes[i][j], changes[i - 2][j - 2] + 1);
    }
  }
  return changes[from.size()][to.size()];
}

}  // namespace

std::optional<std::string_view> near_name(std::string_view given, std::span<const std::string_view> names) {
  constexpr size_t kLongest = 64;  // no name is as long
  if (given.size() > kLongest) return std::nullopt;
  std::optional<std::string_view> nearest;
  size_t fewest = 0;
  for (const std::string_view name : names) {
    const size_t changes = distance(in_lower_case(given), in_lower_case(name));
    if (changes * 3 > name.size() || (nearest && changes >= fewest)) continue;
    nearest = name;
    fewest = changes;
  }
  return nearest;
}

}  // namespace hearth::serve
