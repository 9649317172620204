#include "engine/text/merge_table.h"

#include <bit>

#include "engine/text/text_hash.h"

namespace hearth {
namespace {

uint64_t pack(TokenId left, TokenId right) {
  return uint64_t{static_cast<uint32_t>(left)} << 32 | static_cast<uint32_t>(right);
}

}  // namespace

MergeTable::MergeTable(size_t merges)
    : slots_(std::bit_ceil(merges * 2 + 1), Slot{0, {Symbol::kNone, kNoToken}}), seed_(hash_seed()) {}

size_t MergeTable::locate(uint64_t pair) const {
  const size_t mask = slots_.size() - 1;
  size_t i = static_cast<size_t>(hash_number(pair, seed_)) & mask;
  while (slots_[i].merge.token != kNoToken && slots_[i].pair != pair) i = (i + 1) & mask;
  return i;
}

void MergeTable::add(TokenId left, TokenId right, Merge merge) {
  Slot& slot = slots_[locate(pack(left, right))];
  if (slot.merge.token == kNoToken) slot = {pack(left, right), merge};
}

Merge MergeTable::find(TokenId left, TokenId right) const { return slots_[locate(pack(left, right))].merge; }

}  // namespace hearth
