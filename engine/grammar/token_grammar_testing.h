// A vocabulary made for a test. Test code only.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/text/tokenizer.h"

namespace hearth::testing {

/// Tokens by their texts; first come two control tokens, <think> and <end>, the second of which ends answers.
/// Texts are encoded by their longest tokens.
class ListedTokenizer : public Tokenizer {
 public:
  static constexpr TokenId kThink = 0;
  static constexpr TokenId kEnd = 1;

  explicit ListedTokenizer(std::vector<std::string> texts) : texts_{"<think>", "<end>"} {
    texts_.insert(texts_.end(), texts.begin(), texts.end());
  }

  using Tokenizer::encode;
  std::vector<TokenId> encode(std::span<const TextPiece> pieces, bool) const override {
    std::vector<TokenId> tokens;
    for (std::string_view rest = pieces[0].text; !rest.empty();) {
      TokenId longest = kNoToken;
      for (TokenId token = 2; token < vocabulary_size(); ++token) {
        if (!rest.starts_with(name(token))) continue;
        if (longest == kNoToken || name(token).size() > name(longest).size()) longest = token;
      }
      if (longest == kNoToken) break;
      tokens.push_back(longest);
      rest.remove_prefix(name(longest).size());
    }
    return tokens;
  }
  std::string token_bytes(TokenId token, bool with_special) const override {
    return is_control(token) && !with_special ? "" : name(token);
  }
  std::string decode(std::span<const TokenId> tokens, bool with_special) const override {
    std::string text;
    for (const TokenId token : tokens) text += token_bytes(token, with_special);
    return text;
  }
  std::string decode_next(TokenId token, DecodingState&, bool with_special) const override {
    return token_bytes(token, with_special);
  }
  std::string_view token_name(TokenId token) const override { return name(token); }
  TokenId find(std::string_view wanted) const override {
    for (TokenId token = 0; token < vocabulary_size(); ++token) {
      if (name(token) == wanted) return token;
    }
    return kNoToken;
  }
  int32_t vocabulary_size() const override { return static_cast<int32_t>(texts_.size()); }
  bool is_control(TokenId token) const override { return token < 2; }
  const SpecialTokens& special() const override { return special_; }
  bool ends_generation(TokenId token) const override { return token == kEnd; }
  std::string_view kind() const override { return "listed"; }

 private:
  const std::string& name(TokenId token) const { return texts_[static_cast<size_t>(token)]; }

  std::vector<std::string> texts_;
  SpecialTokens special_;
};

}  // namespace hearth::testing
