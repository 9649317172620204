// JSON schemas as grammars of the JSON that they allow.
#pragma once

#include <string_view>

#include "engine/base/result.h"
#include "engine/grammar/argument_notation.h"
#include "engine/grammar/grammar.h"

namespace hearth {

/// The grammar of the values that a schema allows (docs/grammars.md says how each keyword is kept). Errors
/// name the place by its JSON pointer: INVALID_ARGUMENT for what is no schema, for references that lead
/// nowhere and for schemas that no value keeps to; UNSUPPORTED for what cannot be kept exactly, or not within
/// the limits.
Result<Grammar> read_json_schema(std::string_view json);

/// The same for the arguments of a call, which are an object, in a notation that may be none of JSON. Of what
/// the notation has no way to write (a text that has a tag's end within it), nothing is allowed; UNSUPPORTED
/// where that is the name of an argument that must be there.
Result<Grammar> read_arguments_schema(std::string_view json, const ArgumentNotation& notation);

}  // namespace hearth
