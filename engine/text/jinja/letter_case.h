// Upper and lower case as Python's str maps them: by Unicode's full mappings, where one letter may become
// several.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hearth::jinja {

enum class LetterCase : uint8_t { kNone, kLower, kUpper, kTitle };
LetterCase case_of(char32_t c);

void append_upper(std::string& out, char32_t c);
/// As a word begins.
void append_title(std::string& out, char32_t c);
/// Of the character at `offset`: a sigma at the end of a word has a form of its own.
void append_lower(std::string& out, std::string_view text, size_t offset);
/// For comparisons without regard to case.
void append_folded(std::string& out, char32_t c);

}  // namespace hearth::jinja
