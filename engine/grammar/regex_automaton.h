// From a regular expression taken apart to a deterministic automaton.
#pragma once

#include "engine/base/result.h"
#include "engine/grammar/regex.h"
#include "engine/grammar/regex_syntax.h"

namespace hearth {

/// UNSUPPORTED where it needs too many states.
Result<RegularSet> regular_set_of(const RegexNode& node, RegexUse use);

}  // namespace hearth
