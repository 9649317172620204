// What grammars need of a model's vocabulary; made once and used by all grammars on it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/grammar/token_set.h"
#include "engine/grammar/token_trie.h"
#include "engine/text/tokenizer.h"
#include "engine/text/unicode.h"

namespace hearth {

/// The tokens that consist of characters of a class alone, known beforehand: where such characters may go on
/// for ever, as in a string, they are most of the vocabulary, and only the others need to be tried.
struct TokenRun {
  TokenSet tokens;
  TokenTrie others;
};

class TokenVocabulary {
 public:
  /// Borrows the tokenizer.
  explicit TokenVocabulary(const Tokenizer& tokenizer);

  int32_t size() const { return static_cast<int32_t>(begins_.size()) - 1; }
  /// What a token adds to an answer. Empty for control tokens and those that end answers, which no text may
  /// become.
  std::string_view bytes(TokenId token) const {
    return std::string_view(texts_).substr(begins_[token], begins_[token + 1] - begins_[token]);
  }
  const Tokenizer& tokenizer() const { return tokenizer_; }
  std::span<const TokenId> end_tokens() const { return end_tokens_; }
  /// Of all tokens with bytes.
  const TokenTrie& trie() const { return trie_; }

  /// The tokens of at most `most` characters, all of the class; kNoLimit: however many. Null where those are
  /// too few to be worth it. Ranges in ascending order.
  std::shared_ptr<const TokenRun> run(std::span<const CodePointRange> ranges, int32_t most);

 private:
  struct KeptRun {
    std::vector<CodePointRange> ranges;
    int32_t most;
    std::shared_ptr<const TokenRun> run;
  };

  std::vector<TokenTrie::Entry> sorted_entries() const;
  std::shared_ptr<const TokenRun> find_run(std::span<const CodePointRange> ranges, int32_t most) const;

  const Tokenizer& tokenizer_;
  std::string texts_;
  std::vector<uint32_t> begins_{0};  // of each token's bytes; one more than tokens
  std::vector<TokenId> end_tokens_;
  TokenTrie trie_;
  std::vector<KeptRun> runs_;  // last used last
};

}  // namespace hearth
