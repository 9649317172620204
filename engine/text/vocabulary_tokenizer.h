// What all tokenizers share: a vocabulary, special tokens recognised by their spelling, and the ids put
// around a text. A kind of tokenizer adds how running text becomes tokens and a token becomes bytes.
#pragma once

#include <array>
#include <vector>

#include "engine/text/special_tokens.h"
#include "engine/text/tokenizer.h"
#include "engine/text/tokenizer_data.h"
#include "engine/text/vocabulary.h"

namespace hearth {

class VocabularyTokenizer : public Tokenizer {
 public:
  using Tokenizer::encode;
  std::vector<TokenId> encode(std::span<const TextPiece> pieces, bool add_special) const final;
  std::string token_bytes(TokenId token, bool with_special) const final;
  std::string decode(std::span<const TokenId> tokens, bool with_special) const final;
  std::string decode_next(TokenId token, DecodingState& state, bool with_special) const override;

  std::string_view token_name(TokenId token) const final;
  TokenId find(std::string_view name) const final { return vocabulary_.find(name); }
  int32_t vocabulary_size() const final { return vocabulary_.size(); }
  bool is_control(TokenId token) const final;
  const SpecialTokens& special() const final { return special_; }
  bool ends_generation(TokenId token) const final;
  std::span<const TokenId> suppressed() const final { return suppressed_; }

 protected:
  /// Takes the vocabulary and what belongs to it out of `data`, leaving the rest. User-defined tokens are
  /// recognised by their spelling unless the kind of tokenizer does that itself.
  explicit VocabularyTokenizer(TokenizerData& data, bool finds_user_defined = true);
  VocabularyTokenizer(const VocabularyTokenizer&) = delete;  // the matcher refers to the vocabulary
  VocabularyTokenizer& operator=(const VocabularyTokenizer&) = delete;

  const Vocabulary& vocabulary() const { return vocabulary_; }

  /// Appends the ids of `text`, which holds no tokens that were recognised by their spelling. `first` says
  /// that it begins the whole text or follows a special token.
  virtual void encode_text(std::string_view text, bool first, std::vector<TokenId>& out) const = 0;
  /// The bytes that a normal or unused token stands for.
  virtual std::string text_bytes(TokenId token) const = 0;
  /// What stands in running text for the token that is unknown.
  virtual std::string_view unknown_text() const { return {}; }
  /// Whether encoding puts a space before a text, which decoding has to drop.
  virtual bool adds_space() const { return false; }

  /// Appends the ids of bytes that are in no token: their byte tokens, or else one <unk>, or else nothing.
  void encode_bytes(std::string_view bytes, std::vector<TokenId>& out) const;

 private:
  Vocabulary vocabulary_;
  SpecialTokens special_;
  std::vector<TokenId> end_tokens_;  // sorted
  std::vector<TokenId> suppressed_;
  std::array<TokenId, 256> byte_tokens_;
  SpecialTokenMatcher matcher_;
};

}  // namespace hearth
