// The formats of strings that are kept.
#pragma once

#include <optional>
#include <string_view>

namespace hearth::json_schema {

/// The pattern of a format that is enforced, of the whole string; nothing for the others, which are
/// annotations.
std::optional<std::string_view> format_pattern(std::string_view format);

}  // namespace hearth::json_schema
