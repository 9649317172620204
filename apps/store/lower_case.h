// Names of which only the ASCII letters know cases: hosts, headers, checksums, quantisations.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace hearth::store {

inline std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char letter) {
    return 'A' <= letter && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  return lower;
}

}  // namespace hearth::store
