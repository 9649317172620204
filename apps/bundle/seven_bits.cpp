#include "apps/bundle/seven_bits.h"

#include <cstdint>

namespace hearth::bundle {
namespace {

void add_character(std::string& text, uint32_t value) {
  const char character = static_cast<char>((value & 127U) ^ 64U);
  const bool unsafe = character == '\0' || character == '\r' || character == '<';
  // In UTF-8, U+0080 to U+00BF are this byte and their own number.
  if (unsafe) text += '\xC2';
  text += unsafe ? static_cast<char>(character | 0x80) : character;
}

}  // namespace

std::string seven_bits(std::span<const std::byte> bytes) {
  std::string text;
  text.reserve(bytes.size() / 7 * 8 + bytes.size() / 32 + 16);
  uint32_t bits = 0;
  unsigned count = 0;
  for (const std::byte byte : bytes) {
    bits = bits << 8U | std::to_integer<uint32_t>(byte);
    for (count += 8; count >= 7; count -= 7) add_character(text, bits >> (count - 7));
  }
  if (count > 0) add_character(text, bits << (7 - count));
  return text;
}

}  // namespace hearth::bundle
