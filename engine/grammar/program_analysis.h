// What makes a grammar's program smaller and quicker to follow.
#pragma once

#include <vector>

#include "engine/grammar/grammar.h"
#include "engine/grammar/program.h"

namespace hearth {

/// For each rule, whether it is written out wherever it is used: those that are small and don't come back to
/// themselves. A stack then has fewer frames, and characters of a class that has a rule of its own show that
/// they may run on.
std::vector<bool> find_rules_to_inline(const Grammar& grammar);

/// Sets GrammarStep::run of every kCharacters.
void find_runs(GrammarProgram& program);

}  // namespace hearth
