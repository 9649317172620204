// What grammars need of a model's vocabulary; made once and used by all grammars on it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/grammar/token_set.h"
#include "engine/grammar/token_trie.h"
#include "engine/text/tokenizer.h"
#include "engine/text/unicode.h"

namespace hearth {

/// The tokens that consist of characters of a class alone, known beforehand: where such characters may go on,
/// as in a string, they are most of the vocabulary, and only the others need to be tried.
class TokenRun {
 public:
  /// Tokens of the class, with how many characters each has; the trie of these, and of all others.
  TokenRun(int32_t vocabulary_size, const std::vector<std::pair<int32_t, TokenId>>& tokens, TokenTrie trie,
           TokenTrie others);

  /// Of at most so many characters; kNoLimit: however many.
  TokenSet tokens(int32_t most) const;
  size_t count(int32_t most) const;
  const TokenTrie& trie() const { return trie_; }
  const TokenTrie& others() const { return others_; }

 private:
  TokenSet all_;
  std::vector<std::pair<int32_t, TokenId>> by_length_;  // characters and token, the shortest first
  TokenTrie trie_;
  TokenTrie others_;
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

  /// The tokens whose characters are all of the class. Null where they are too few to be worth it. Ranges in
  /// ascending order.
  std::shared_ptr<const TokenRun> run(std::span<const CodePointRange> ranges);

 private:
  struct KeptRun {
    std::vector<CodePointRange> ranges;
    std::shared_ptr<const TokenRun> run;
  };

  std::vector<TokenTrie::Entry> sorted_entries() const;
  std::shared_ptr<const TokenRun> find_run(std::span<const CodePointRange> ranges) const;

  const Tokenizer& tokenizer_;
  std::string texts_;
  std::vector<uint32_t> begins_{0};  // of each token's bytes; one more than tokens
  std::vector<TokenId> end_tokens_;
  TokenTrie trie_;
  std::vector<KeptRun> runs_;  // last used last
};

}  // namespace hearth
