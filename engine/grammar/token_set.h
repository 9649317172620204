// A set of the tokens of a vocabulary: a bit for each.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "engine/text/tokenizer.h"

namespace hearth {

class TokenSet {
 public:
  explicit TokenSet(int32_t vocabulary_size) : words_((static_cast<size_t>(vocabulary_size) + 63) / 64) {}

  void add(TokenId token) { words_[word(token)] |= bit(token); }
  void remove(TokenId token) { words_[word(token)] &= ~bit(token); }
  void add(const TokenSet& others) {
    for (size_t index = 0; index < words_.size(); ++index) words_[index] |= others.words_[index];
  }
  bool has(TokenId token) const { return (words_[word(token)] & bit(token)) != 0; }

  int32_t count() const {
    int32_t total = 0;
    for (const uint64_t word : words_) total += std::popcount(word);
    return total;
  }
  /// kNoToken where the set is empty.
  TokenId first() const {
    for (size_t index = 0; index < words_.size(); ++index) {
      if (words_[index] != 0) return static_cast<TokenId>(index * 64) + std::countr_zero(words_[index]);
    }
    return kNoToken;
  }

  /// Makes the logits of all other tokens minus infinity. Logits may be fewer than the vocabulary.
  void mask(std::span<float> logits) const {
    constexpr float kNever = -std::numeric_limits<float>::infinity();
    for (size_t first = 0; first < logits.size(); first += 64) {
      const uint64_t kept = words_[first / 64];
      const std::span<float> some = logits.subspan(first, std::min<size_t>(64, logits.size() - first));
      if (kept == 0) {
        std::fill(some.begin(), some.end(), kNever);
      } else if (~kept != 0) {
        for (size_t index = 0; index < some.size(); ++index)
          some[index] = (kept >> index & 1) != 0 ? some[index] : kNever;
      }
    }
  }

 private:
  static size_t word(TokenId token) { return static_cast<size_t>(token) / 64; }
  static uint64_t bit(TokenId token) { return uint64_t{1} << (static_cast<uint32_t>(token) % 64); }

  std::vector<uint64_t> words_;
};

}  // namespace hearth
