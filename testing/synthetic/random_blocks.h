// A tensor of random weights, made block by block in its stored form, so that a model of any size can be
// written as fast as the disk takes it and without ever being in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/base/result.h"
#include "engine/format/block_type.h"

namespace hearth {

class RandomBlocks {
 public:
  /// Weights around `mean` with the given standard deviation. Quantised types have mean 0 whatever `mean`
  /// says. The same arguments give the same bytes on every machine. Requires a type that can hold weights
  /// (engine/model/convert/type_mix.h).
  RandomBlocks(BlockType type, float deviation, uint64_t seed, float mean = 0.0F);

  /// Writes the tensor's bytes from `offset` on; any range at any time.
  void fill(uint64_t offset, std::span<std::byte> into) const;

 private:
  void fill_unit(uint64_t unit, std::byte* into) const;

  BlockType type_;
  float mean_;
  float scale_;  // of a block whose values then have the wanted deviation
  uint64_t seed_;
  uint64_t unit_bytes_;  // generated from one seed: a block, or a run of unquantised elements
};

}  // namespace hearth
