// Remembers the ids of the words of one text, so that the many words that come again are not merged again.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/text/text_hash.h"
#include "engine/text/tokenizer.h"

namespace hearth {

/// A fixed number of places; a new word takes the place of an older one with the same hash. Borrows the
/// words, which must stay where they are, and looks ids up where they were first put: in the output.
class WordCache {
 public:
  /// If `word` is known, appends its ids to `out`.
  bool repeat(std::string_view word, std::vector<TokenId>& out) const {
    const Entry& entry = entries_[place(word)];
    if (entry.word != word) return false;
    for (uint32_t i = 0; i < entry.count; ++i) out.push_back(out[entry.first + i]);
    return true;
  }

  /// The ids of `word` are those of `out` from `first` on.
  void remember(std::string_view word, size_t first, const std::vector<TokenId>& out) {
    if (word.size() > kLongestWord) return;
    entries_[place(word)] = {word, first, static_cast<uint32_t>(out.size() - first)};
  }

 private:
  struct Entry {
    std::string_view word;
    size_t first = 0;
    uint32_t count = 0;
  };

  static constexpr size_t kPlaces = 1024;
  // Longer words hardly ever come twice.
  static constexpr size_t kLongestWord = 64;

  static size_t place(std::string_view word) { return hash_text(word, 0) % kPlaces; }

  std::array<Entry, kPlaces> entries_{};
};

}  // namespace hearth
