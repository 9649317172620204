// Whether a grammar allows a text, without a model.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/grammar/automaton.h"

namespace hearth {

enum class TextVerdict { kAccepted, kIncomplete, kRejected };

struct TextMatch {
  TextVerdict verdict;
  /// Where the first byte is that is not allowed, or the end of the text.
  size_t byte;
  /// What could have come there, as GBNF writes it; "the end" where the text could have ended. At most 20.
  std::vector<std::string> possible;
};

/// Tries texts, from the beginning to the end. Tokens in them are written as compile_grammar says for
/// grammars without a vocabulary.
class TextMatcher {
 public:
  /// INVALID_ARGUMENT where the grammar comes to too many steps.
  static Result<TextMatcher> create(const Grammar& grammar);

  /// INVALID_ARGUMENT where the grammar can be read in too many ways at once.
  Result<TextMatch> match(std::string_view text);

 private:
  explicit TextMatcher(GrammarProgram program);

  Automaton automaton_;
};

/// The same for one text.
Result<TextMatch> match_text(const Grammar& grammar, std::string_view text);

}  // namespace hearth
