// The loop at the heart of both byte-pair encodings: of all neighbouring symbols that may be merged, merge
// the most important pair, the leftmost first, until none is left. O(n log n).
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "engine/text/tokenizer.h"

namespace hearth {

/// A stretch of the text, in a doubly linked list held in a vector.
struct Symbol {
  static constexpr uint32_t kNone = UINT32_MAX;

  uint32_t begin;  // in bytes
  uint32_t size;
  TokenId token;  // kNoToken where the stretch is no token
  uint32_t previous;
  uint32_t next;
  // How important merging it with the next one is, less being more; kNone where they may not be merged or
  // the symbol has itself been merged into the one before.
  uint32_t order;
  TokenId merged;  // what that would give
};

/// What merging two neighbours gives; order == Symbol::kNone where they may not be merged.
struct Merge {
  uint32_t order;
  TokenId token;
};

/// Appends a symbol to the list, linked to the one before.
inline void append_symbol(std::vector<Symbol>& symbols, uint32_t begin, uint32_t size, TokenId token) {
  const auto index = static_cast<uint32_t>(symbols.size());
  if (index > 0) symbols.back().next = index;
  symbols.push_back(
      {begin, size, token, index > 0 ? index - 1 : Symbol::kNone, Symbol::kNone, Symbol::kNone, kNoToken});
}

/// Merges `symbols`; the result is the list from symbols[0] along `next`. `find_merge(left, right)` returns a
/// Merge. `queue` is scratch memory, kept by the caller so that short words cost no allocation.
template <typename FindMerge>
void merge_symbols(std::vector<Symbol>& symbols, std::vector<uint64_t>& queue, FindMerge&& find_merge) {
  // A candidate is its order and then its place in one number, so that the least is the next to be merged.
  // When a pair changes, its old candidates stay behind; they no longer have the order of the pair. (Should
  // the new pair have the same order, both candidates mean the same merge.)
  queue.clear();
  const auto consider = [&](uint32_t index) {
    Symbol& left = symbols[index];
    left.order = Symbol::kNone;
    if (left.next == Symbol::kNone) return false;
    const Merge merge = find_merge(left, symbols[left.next]);
    left.order = merge.order;
    left.merged = merge.token;
    if (merge.order == Symbol::kNone) return false;
    queue.push_back(uint64_t{merge.order} << 32 | index);
    return true;
  };
  for (uint32_t i = 0; i < symbols.size(); ++i) consider(i);
  std::make_heap(queue.begin(), queue.end(), std::greater<>());
  const auto reconsider = [&](uint32_t index) {
    if (consider(index)) std::push_heap(queue.begin(), queue.end(), std::greater<>());
  };

  while (!queue.empty()) {
    std::pop_heap(queue.begin(), queue.end(), std::greater<>());
    const auto order = static_cast<uint32_t>(queue.back() >> 32);
    const auto index = static_cast<uint32_t>(queue.back());
    queue.pop_back();
    Symbol& left = symbols[index];
    if (left.order != order) continue;

    Symbol& right = symbols[left.next];
    left.size += right.size;
    left.token = left.merged;
    left.next = right.next;
    right.order = Symbol::kNone;
    if (left.next != Symbol::kNone) symbols[left.next].previous = index;
    if (left.previous != Symbol::kNone) reconsider(left.previous);
    reconsider(index);
  }
}

}  // namespace hearth
