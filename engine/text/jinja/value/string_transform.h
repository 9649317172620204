// Operations on strings that filters and methods share. Each keeps the origin of what it keeps.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/text/jinja/value/budget.h"
#include "engine/text/jinja/value/text.h"

namespace hearth::jinja {

/// The first place at or after `from` where `text` contains `wanted`; npos if there is none. Spends in
/// proportion to the bytes passed over.
size_t find_text(std::string_view text, std::string_view wanted, size_t from, Budget& budget);

/// The last place where `text` contains `wanted`.
size_t rfind_text(std::string_view text, std::string_view wanted, Budget& budget);

Text to_upper(const Text& text, Budget& budget);
Text to_lower(const Text& text, Budget& budget);
/// casefold: as comparisons without regard to case want it.
Text fold_case(const Text& text, Budget& budget);
Text swap_case(const Text& text, Budget& budget);
/// The first character upper-case, the others lower-case.
Text capitalize(const Text& text, Budget& budget);
/// str.title: upper-case after whatever has no case.
Text title_case(const Text& text, Budget& budget);
/// The title filter, where only blanks, dashes and opening brackets begin a word.
Text title_words(const Text& text, Budget& budget);

enum class Ends : unsigned char { kLeft = 1, kRight = 2, kBoth = 3 };
/// Without the characters at its ends that `unwanted` has, or without white space where there is no
/// `unwanted`.
Text strip(const Text& text, Ends ends, std::optional<std::string_view> unwanted, Budget& budget);

/// With `fill` around it, to the width in characters.
Text center(const Text& text, int64_t width, std::string_view fill, Budget& budget);

/// With blanks for tabs, up to the next column that `size` divides.
Text expand_tabs(const Text& text, int64_t size, Budget& budget);

/// Replaces up to `count` places, all of them if it is negative.
Text replace(const Text& text, std::string_view old, const Text& with, int64_t count, Budget& budget);

/// The parts between separators, at most `most` + 1 of them if `most` is not negative. Requires a separator.
std::vector<Text> split(const Text& text, std::string_view separator, int64_t most, Budget& budget);
/// The same, counting from the end.
std::vector<Text> rsplit(const Text& text, std::string_view separator, int64_t most, Budget& budget);
/// The words between white space.
std::vector<Text> split_words(const Text& text, int64_t most, Budget& budget);
std::vector<Text> rsplit_words(const Text& text, int64_t most, Budget& budget);
/// The lines, without their ends unless `keep_ends`.
std::vector<Text> split_lines(const Text& text, bool keep_ends, Budget& budget);

}  // namespace hearth::jinja
