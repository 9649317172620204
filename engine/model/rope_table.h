// From a RopeSpec and a context size to the angle each pair of dimensions turns by per position.
#pragma once

#include <span>
#include <vector>

#include "engine/model/spec.h"

namespace hearth {

struct RopeTable {
  RopePairs pairs = RopePairs::kAdjacent;
  std::vector<float> frequencies;  // radians per position, one per pair
  float magnitude = 1.0F;

  Rope view() const { return {pairs, frequencies, magnitude}; }
};

/// `factors` divide the frequencies one by one (Llama 3's rope_freqs, longrope's long or short factors);
/// empty for none.
RopeTable make_rope_table(const RopeSpec& spec, std::span<const float> factors);

}  // namespace hearth
