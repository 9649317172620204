// Replacing in a text what matches a regular expression.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/grammar/regular_set.h"

namespace hearth::workflow {

/// `text` with `replacement`, as it is, for each match of the set from left to right, the longest at its
/// place; an empty one is none. UNSUPPORTED where that is too much work, which grows at most with the square
/// of the text's length, whatever the expression.
Result<std::string> replace_matches(std::string_view text, const RegularSet& matches,
                                    std::string_view replacement);

}  // namespace hearth::workflow
