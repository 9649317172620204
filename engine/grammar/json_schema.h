// JSON schemas as grammars of the JSON that they allow.
#pragma once

#include <string_view>

#include "engine/base/result.h"
#include "engine/grammar/grammar.h"

namespace hearth {

/// The grammar of the values that a schema allows (docs/grammars.md says how each keyword is kept). Errors
/// name the place by its JSON pointer: INVALID_ARGUMENT for what is no schema, for references that lead
/// nowhere and for schemas that no value keeps to; UNSUPPORTED for what cannot be kept exactly, or not within
/// the limits.
Result<Grammar> read_json_schema(std::string_view json);

}  // namespace hearth
