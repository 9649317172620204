// Finds the number of what is equal in a list that somebody else keeps: so that each thing is there once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace hearth {

/// Mixes a word into a hash: a step of SplitMix64 (see random.h).
constexpr uint64_t mix_hash(uint64_t hash, uint64_t word) {
  uint64_t mixed = hash + word + 0x9E3779B97F4A7C15U;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9U;
  return mixed ^ (mixed >> 27);
}

class HashIndex {
 public:
  HashIndex() : slots_(kFewestSlots) {}

  /// The number for which `same(number)` holds, among those added with this hash; where there is none,
  /// `number` is added. Whether it was, is the second.
  template <typename Same>
  std::pair<uint32_t, bool> find_or_add(uint64_t hash, uint32_t number, Same&& same) {
    if ((count_ + 1) * 2 > slots_.size()) grow();
    size_t at = hash & (slots_.size() - 1);
    while (slots_[at].number != kFree) {
      if (slots_[at].hash == hash && same(slots_[at].number)) return {slots_[at].number, false};
      at = (at + 1) & (slots_.size() - 1);
    }
    slots_[at] = {hash, number};
    ++count_;
    return {number, true};
  }

  void clear() {
    if (count_ == 0) return;
    // Room for much is given back where it isn't needed: clearing takes as long as there is room.
    const bool roomy = slots_.size() > kFewestSlots && count_ * 16 < slots_.size();
    slots_.assign(roomy ? slots_.size() / 2 : slots_.size(), Slot{});
    count_ = 0;
  }

  size_t memory() const { return slots_.size() * sizeof(Slot); }

 private:
  static constexpr uint32_t kFree = UINT32_MAX;
  static constexpr size_t kFewestSlots = 64;

  struct Slot {
    uint64_t hash = 0;
    uint32_t number = kFree;
  };

  void grow() {
    std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots_.size() * 2));
    for (const Slot& slot : old) {
      if (slot.number == kFree) continue;
      size_t at = slot.hash & (slots_.size() - 1);
      while (slots_[at].number != kFree) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = slot;
    }
  }

  std::vector<Slot> slots_;  // a power of two, at most half full
  size_t count_ = 0;
};

}  // namespace hearth
