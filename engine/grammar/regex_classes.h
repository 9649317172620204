// The classes of characters that regular expressions have names for.
#pragma once

#include <optional>
#include <string_view>

#include "engine/grammar/code_points.h"

namespace hearth {

/// What \d, \D, \w, \W, \s and \S stand for in ECMA-262: digits and letters are ASCII's, white space is
/// Unicode's. Nothing for other letters.
std::optional<CodePoints> shorthand_class(char32_t letter);

/// What `.` stands for: anything but line ends.
CodePoints any_but_line_ends();

/// What \p{name} stands for: a general category or a group of them, by its short or long name ("Lu",
/// "Uppercase_Letter", "L"), also after "General_Category=" or "gc="; "Any", "ASCII"; White_Space;
/// the script "Han". Nothing for other names.
std::optional<CodePoints> property_class(std::string_view name);

}  // namespace hearth
