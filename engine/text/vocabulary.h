// A tokenizer's vocabulary: every token's text, type and score, and finding a token by its text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/text/byte_trie.h"
#include "engine/text/tokenizer.h"

namespace hearth {

/// What a token is for; the values of `tokenizer.ggml.token_type`.
enum class TokenType : uint8_t {
  kUndefined = 0,
  kNormal = 1,
  kUnknown = 2,
  kControl = 3,
  kUserDefined = 4,
  kUnused = 5,
  kByte = 6,
};

/// Owns its texts in one piece of memory, so that a large vocabulary costs few allocations and outlives the
/// file that it was read from.
class Vocabulary {
 public:
  /// A longer text is no token: it bounds the work at each place of a text. The longest in use are runs of
  /// a few hundred spaces.
  static constexpr size_t kMaxTokenBytes = 4096;

  Vocabulary();

  /// Prepares for `tokens` tokens of `bytes` bytes in all.
  void reserve(size_t tokens, size_t bytes);

  /// Appends a token. Requires at most kMaxTokenBytes of text. Of several tokens with one text, find() knows
  /// the first; an empty text is never found.
  TokenId add(std::string_view text, TokenType type, float score = 0);

  int32_t size() const { return static_cast<int32_t>(types_.size()); }
  bool contains(TokenId token) const { return token >= 0 && token < size(); }

  // These require contains(token).
  std::string_view text(TokenId token) const {
    return std::string_view(texts_).substr(begins_[token], begins_[token + 1] - begins_[token]);
  }
  TokenType type(TokenId token) const { return types_[token]; }
  void set_type(TokenId token, TokenType type) { types_[token] = type; }
  float score(TokenId token) const { return scores_[token]; }

  /// kNoToken where there is none.
  TokenId find(std::string_view wanted) const;

  /// Whether running text may become this token. Control, unknown and byte tokens never come from their
  /// spelling: a user who writes </s> means the letters.
  bool is_text(TokenId token) const {
    const TokenType type = types_[token];
    return type == TokenType::kNormal || type == TokenType::kUserDefined || type == TokenType::kUnused;
  }
  /// The token with this text, if running text may become it.
  TokenId find_text(std::string_view text) const {
    const TokenId token = find(text);
    return token != kNoToken && is_text(token) ? token : kNoToken;
  }

  /// The token for a byte, spelled <0x0A>; kNoToken where there is none.
  TokenId find_byte(uint8_t byte) const;
  /// The byte that a token spelled <0x0A> stands for; -1 where it is spelled otherwise.
  int byte_value(TokenId token) const;

 private:
  struct Slot {
    uint32_t hash;
    TokenId token;
  };

  void grow(size_t slots);
  void insert(uint32_t hash, TokenId token);

  std::string texts_;
  std::vector<uint32_t> begins_{0};  // of each text within texts_; one more than tokens
  std::vector<TokenType> types_;
  std::vector<float> scores_;
  std::vector<Slot> slots_;  // open addressing, a power of two, at most half full
  uint64_t seed_;            // so that nobody can prepare texts that all collide
};

/// The texts of the tokens that are `wanted`.
template <typename Wanted>
ByteTrie trie_of(const Vocabulary& vocabulary, Wanted&& wanted) {
  std::vector<ByteTrie::Entry> entries;
  for (TokenId token = 0; token < vocabulary.size(); ++token) {
    if (wanted(token)) entries.push_back({vocabulary.text(token), token});
  }
  return ByteTrie(std::move(entries));
}

}  // namespace hearth
