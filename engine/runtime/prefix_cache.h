// Keys and values of finished generations, kept for the next one that begins with the same tokens: the next
// turn of a chat, another question under the same system prompt.
#pragma once

#include <span>
#include <vector>

#include "engine/model/states.h"
#include "engine/text/tokenizer.h"

namespace hearth {

class PrefixCache {
 public:
  struct Entry {
    std::vector<TokenId> tokens;  // as many as the sequence holds
    SequenceState sequence;
  };

  explicit PrefixCache(StateStore& states) : states_(states) {}

  /// A sequence that shares the whole pages of the longest match with `tokens`; of length 0 where nothing
  /// matches. At least the last token is left to compute, since its logits are what comes next.
  SequenceState find(std::span<const TokenId> tokens);
  /// Keeps the whole pages of `sequence`, which holds the first tokens of `tokens`.
  void store(std::span<const TokenId> tokens, const SequenceState& sequence);
  /// Gives back the pages of the entry unused for longest; false if there is none. Pages that a running
  /// sequence shares stay with it.
  bool evict_oldest();
  /// The one used last at the back.
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  StateStore& states_;
  std::vector<Entry> entries_;
};

}  // namespace hearth
