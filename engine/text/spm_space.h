// SentencePiece writes a space as U+2581, so that tokens can hold spaces and text can still be split at them.
#pragma once

#include <string>
#include <string_view>

namespace hearth {

inline constexpr std::string_view kSpmSpace = "▁";

/// What SentencePiece writes for a token that stands for no text.
inline constexpr std::string_view kSpmUnknown = " ⁇ ";

/// Appends `text` with every space as kSpmSpace.
void append_with_spm_spaces(std::string& out, std::string_view text);

/// `text` with every kSpmSpace as a space.
std::string without_spm_spaces(std::string_view text);

}  // namespace hearth
