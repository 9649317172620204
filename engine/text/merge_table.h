// The merges of a byte-pair encoding: which two tokens make a third, and how important that is.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/text/merge_symbols.h"
#include "engine/text/tokenizer.h"

namespace hearth {

class MergeTable {
 public:
  /// Makes room for `merges` merges.
  explicit MergeTable(size_t merges);

  /// Of several merges of one pair, the first counts. Requires room.
  void add(TokenId left, TokenId right, Merge merge);

  /// {Symbol::kNone, kNoToken} where the pair may not be merged.
  Merge find(TokenId left, TokenId right) const;

 private:
  struct Slot {
    uint64_t pair;
    Merge merge;
  };

  /// The slot that holds the pair, or the empty one where it belongs.
  size_t locate(uint64_t pair) const;

  std::vector<Slot> slots_;  // open addressing, a power of two, at most half full
  uint64_t seed_;
};

}  // namespace hearth
