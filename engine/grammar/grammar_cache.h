// The grammars that answers of one model are held to, kept from request to request.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/grammar/grammar_source.h"
#include "engine/grammar/token_grammar.h"
#include "engine/grammar/token_vocabulary.h"

namespace hearth {

class GrammarCache {
 public:
  /// Borrows the tokenizer. The vocabulary is prepared when the first grammar is asked for.
  explicit GrammarCache(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {}

  /// The grammar, with what is known of it already from requests of the same `salt`: how long it takes tells
  /// others nothing. Fails as read_grammar and TokenGrammar::create do.
  Result<std::shared_ptr<TokenGrammar>> get(const GrammarSource& source, std::string_view salt);

 private:
  struct Kept {
    GrammarSource source;
    std::string salt;
    std::shared_ptr<TokenGrammar> grammar;
  };

  const Tokenizer& tokenizer_;
  std::optional<TokenVocabulary> vocabulary_;
  std::vector<Kept> kept_;  // last used last
};

}  // namespace hearth
