// What can be said of rules without reading any text.
#pragma once

#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/grammar/grammar.h"

namespace hearth {

/// For each expression, whether it can read any text to the end. Requires that all rules are defined.
std::vector<bool> find_what_can_end(const Expressions& expressions, std::span<const Rule> rules);

/// For each expression, whether it can read the empty text.
std::vector<bool> find_what_can_be_empty(const Expressions& expressions, std::span<const Rule> rules);

/// INVALID_ARGUMENT naming a rule that can come to itself again without having read anything: such a rule
/// would be tried within itself for ever. The rules on the way are named, too.
Result<void> check_left_recursion(const Expressions& expressions, std::span<const Rule> rules);

}  // namespace hearth
