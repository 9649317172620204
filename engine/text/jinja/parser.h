// Jinja source to a syntax tree.
#pragma once

#include <string_view>

#include "engine/base/result.h"
#include "engine/text/jinja/ast.h"
#include "engine/text/jinja/lexer.h"

namespace hearth::jinja {

/// INVALID_MODEL with the line, the column and what was expected there.
Result<Block> parse(std::string_view source, const Whitespace& whitespace);

}  // namespace hearth::jinja
