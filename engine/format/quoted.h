// Text from a file, made fit for an error message.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/escaped.h"

namespace hearth {

/// 'text' in single quotes, cut after 80 bytes, every byte that is not printable ASCII written as \xNN: a
/// hostile name can neither flood a message nor move the terminal's cursor.
inline std::string quoted(std::string_view text) {
  constexpr size_t kLongest = 80;
  return "'" + escaped(text.substr(0, kLongest), Unescaped::kAscii) + (text.size() > kLongest ? "...'" : "'");
}

}  // namespace hearth
