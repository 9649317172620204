// Sets of small numbers, each kept once and known by its place.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/grammar/hash_index.h"

namespace hearth {

/// A set of NumberSets.
using NumberSetId = uint32_t;

class NumberSets {
 public:
  static constexpr NumberSetId kEmpty = 0;

  NumberSets() { add({}); }

  bool has(NumberSetId set, uint32_t number) const {
    const auto kept = words(set);
    return number / 64 < kept.size() && (kept[number / 64] >> (number % 64) & 1) != 0;
  }

  NumberSetId with(NumberSetId set, uint32_t number) {
    const auto kept = words(set);
    std::vector<uint64_t> more(kept.begin(), kept.end());
    more.resize(std::max(more.size(), size_t{number} / 64 + 1));
    more[number / 64] |= uint64_t{1} << (number % 64);
    return add(more);
  }

  /// A bit for each number, up to the last that is in the set.
  std::span<const uint64_t> words(NumberSetId set) const {
    return std::span(words_).subspan(sets_[set].begin, sets_[set].count);
  }

  /// The set with these bits, the last word of which has one.
  NumberSetId add(std::span<const uint64_t> bits) {
    uint64_t hash = bits.size();
    for (const uint64_t word : bits) hash = mix_hash(hash, word);
    const auto [id, is_new] =
        index_.find_or_add(hash, static_cast<NumberSetId>(sets_.size()),
                           [&](NumberSetId other) { return std::ranges::equal(words(other), bits); });
    if (is_new) {
      sets_.push_back({words_.size(), bits.size()});
      words_.insert(words_.end(), bits.begin(), bits.end());
    }
    return id;
  }

  size_t memory() const {
    return words_.size() * sizeof(uint64_t) + sets_.size() * sizeof(Place) + index_.memory();
  }

 private:
  struct Place {
    size_t begin;
    size_t count;
  };

  std::vector<uint64_t> words_;
  std::vector<Place> sets_;
  HashIndex index_;
};

}  // namespace hearth
