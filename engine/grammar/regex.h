// Regular expressions as sets of texts, and as the grammar of a whole answer.
#pragma once

#include <string_view>

#include "engine/base/result.h"
#include "engine/grammar/grammar.h"
#include "engine/grammar/regular_set.h"

namespace hearth {

enum class RegexUse : uint8_t {
  kWhole,     // the whole text matches
  kSomewhere  // some part of it does, as in a JSON schema's `pattern`
};

/// The texts that match. Errors as of parse_regex, and UNSUPPORTED where it needs too many states.
Result<RegularSet> regular_set_of(std::string_view pattern, RegexUse use);

/// The grammar of answers that match as a whole. Errors as above, and those of GrammarBuilder::finish; of a
/// pattern that no text matches, too.
Result<Grammar> read_regex(std::string_view pattern);

}  // namespace hearth
