// Escapes within string literals.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace hearth::jinja {

/// What stands between a literal's quotes, with Python's escapes (\n, \x41, \u00e9, ...) replaced; an unknown
/// escape stays as it is. The error has no place: the caller knows it.
Result<std::string> unescape(std::string_view literal);

}  // namespace hearth::jinja
