#include "engine/base/escaped.h"

#include <fmt/format.h>

namespace hearth {
namespace {

/// How many bytes at the beginning of `text` have to be escaped. Requires a text that is not empty.
size_t bytes_to_escape(std::string_view text, Unescaped kept) {
  const auto byte = static_cast<unsigned char>(text.front());
  if (kept == Unescaped::kPrintableOrSpace && (byte == '\n' || byte == '\t')) return 0;
  if (byte < 0x20 || byte == 0x7F) return 1;
  if (kept == Unescaped::kAscii) return byte > 0x7F ? 1 : 0;
  // U+0080 to U+009F are C2 80 to C2 9F.
  const auto next = text.size() > 1 ? static_cast<unsigned char>(text[1]) : 0U;
  return byte == 0xC2 && next >= 0x80 && next <= 0x9F ? 2 : 0;
}

}  // namespace

std::string escaped(std::string_view text, Unescaped kept) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t count = bytes_to_escape(text, kept);
    for (const char c : text.substr(0, count)) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    if (count == 0) out += text.front();
    text.remove_prefix(count == 0 ? 1 : count);
  }
  return out;
}

}  // namespace hearth
