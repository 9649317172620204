// What &name; and &#number; stand for in HTML.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hearth::jinja {

inline constexpr size_t kLongestEntityName = 8;

/// The character of a name of HTML 4, or 0. Without its semicolon, only the oldest names count.
char32_t named_character(std::string_view name, bool has_semicolon);

/// What HTML 5 makes of a character's number: U+FFFD of what is none, nothing of what text may not have.
std::string characters_of_reference(uint32_t number);

}  // namespace hearth::jinja
