// How the arguments of calls are written, as a grammar must know to hold them to the tools' schemas.
#pragma once

#include <optional>
#include <vector>

#include "engine/grammar/argument_notation.h"
#include "engine/runtime/chat_format.h"

namespace hearth {

/// Of the calls in one syntax; nothing where they cannot be held: they are code, or the template shows
/// arguments that are neither JSON nor anything else that is known.
std::optional<ArgumentNotation> notation_of(const CallSyntax& syntax, const ReadableFormat& format);

/// All that calls of a format are written in, each once.
std::vector<ArgumentNotation> notations_of(const ReadableFormat& format);

}  // namespace hearth
