// Sets of texts in a grammar.
#pragma once

#include <functional>
#include <string>

#include "engine/grammar/code_points.h"
#include "engine/grammar/graph_expression.h"
#include "engine/grammar/regular_set.h"

namespace hearth {

/// How a character of a set is written, for example with JSON's escapes.
using WriteCharacters = std::function<ExpressionId(const CodePoints& characters)>;

/// The graph of the set's automaton; `end` follows each of its texts.
ExpressionGraph graph_of(const RegularSet& set, ExpressionId end, const WriteCharacters& write);

}  // namespace hearth
