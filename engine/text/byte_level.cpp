#include "engine/text/byte_level.h"

#include "engine/text/unicode.h"

namespace hearth {
namespace {

constexpr char32_t kFirstSubstitute = 0x100;

struct Alphabet {
  std::array<char32_t, 256> characters{};
  std::array<uint8_t, 256> substituted{};  // the bytes that U+0100, U+0101, ... stand for
  char32_t substitutes = 0;                // how many there are
};

constexpr bool is_visible(int byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xFF && byte != 0xAD);
}

constexpr Alphabet kAlphabet = [] {
  Alphabet alphabet;
  for (int byte = 0; byte < 256; ++byte) {
    if (is_visible(byte)) {
      alphabet.characters[byte] = static_cast<char32_t>(byte);
    } else {
      alphabet.characters[byte] = kFirstSubstitute + alphabet.substitutes;
      alphabet.substituted[alphabet.substitutes++] = static_cast<uint8_t>(byte);
    }
  }
  return alphabet;
}();

}  // namespace

char32_t byte_level_character(uint8_t byte) { return kAlphabet.characters[byte]; }

std::string to_byte_level(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) append_utf8(text, byte_level_character(static_cast<uint8_t>(byte)));
  return text;
}

std::string from_byte_level(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const Utf8Character character = decode_utf8(text.substr(at));
    const char32_t code_point = character.code_point;
    if (code_point < 256 && is_visible(static_cast<int>(code_point))) {
      bytes += static_cast<char>(code_point);
    } else if (code_point >= kFirstSubstitute && code_point - kFirstSubstitute < kAlphabet.substitutes) {
      bytes += static_cast<char>(kAlphabet.substituted[code_point - kFirstSubstitute]);
    } else {
      bytes += text.substr(at, character.bytes);
    }
    at += character.bytes;
  }
  return bytes;
}

}  // namespace hearth
