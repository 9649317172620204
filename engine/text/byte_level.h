// The alphabet of byte-level byte-pair encoding: every byte as a visible character, so that any text can be
// written in a vocabulary of characters. From GPT-2 (https://github.com/openai/gpt-2, encoder.py).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace hearth {

/// The character that stands for a byte: itself where it is visible in Latin-1, else one from U+0100 on.
char32_t byte_level_character(uint8_t byte);

/// `bytes` written in the alphabet.
std::string to_byte_level(std::string_view bytes);

/// What `text` stands for. Characters outside the alphabet stand for themselves.
std::string from_byte_level(std::string_view text);

}  // namespace hearth
