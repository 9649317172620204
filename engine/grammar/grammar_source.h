// Grammars of all kinds, as they are given: what users write, and how it is called.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/grammar/argument_notation.h"
#include "engine/grammar/grammar.h"
#include "engine/options/generation_options.h"

namespace hearth {

enum class GrammarKind { kGbnf, kSchema, kRegex, kChoices, kCalls };

/// "gbnf", "schema", "regex" and "choices", in the order of GrammarKind: those that users write.
std::span<const std::string_view> grammar_kind_names();

struct GrammarSource {
  GrammarKind kind;
  /// The choices; of each call what stands before its arguments, and their schema; of other kinds, one.
  std::vector<std::string> texts;
  bool is_open_ended = false;      // anything may follow
  ArgumentNotation notation = {};  // of calls

  bool operator==(const GrammarSource&) const = default;
};

/// What the options ask for; nothing where the answer is free. INVALID_ARGUMENT where they name several.
Result<std::optional<GrammarSource>> grammar_asked_for(const GenerationOptions& options);

/// Fails as the reader of its kind does.
Result<Grammar> read_grammar(const GrammarSource& source);

}  // namespace hearth
