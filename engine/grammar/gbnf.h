// GBNF, the grammars of llama.cpp: rules of literals, classes of characters, groups, repetitions and tokens.
//
//   root   ::= item ("," item)* # a comment
//   item   ::= [a-z]{1,8} | "\"" [^"\n]* "\"" | .
//   answer ::= <think> (!</think>)* </think> <[42]>
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/grammar/grammar.h"

namespace hearth {

/// The grammar that begins with the rule `root`. INVALID_ARGUMENT with line and column.
Result<Grammar> read_gbnf(std::string_view text, std::string_view root = "root");

/// Exactly one of these texts. INVALID_ARGUMENT where there is none.
Result<Grammar> read_choices(std::span<const std::string> choices);

}  // namespace hearth
