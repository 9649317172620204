// Text from a file, made fit for an error message.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace hearth {

/// 'text' in single quotes, cut after 80 bytes, every byte that is not printable ASCII written as \xNN: a
/// hostile name can neither flood a message nor move the terminal's cursor.
inline std::string quoted(std::string_view text) {
  constexpr size_t kLongest = 80;
  std::string out = "'";
  for (const char c : text.substr(0, kLongest)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte > 0x7E) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  out += text.size() > kLongest ? "...'" : "'";
  return out;
}

}  // namespace hearth
