// What turns heads by their position, as kernels take it; and what was put down of that last, which an
// operation behind it may take into its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "engine/compute/backend.h"

namespace hearth::gpu {

struct Rotation {
  uint32_t positions = 0;    // where the step's data has them, one for each row
  uint32_t frequencies = 0;  // likewise fractions_of_turns
  uint32_t pairs = 0;        // of a head; 0: nothing turns
  bool is_adjacent = false;
  float magnitude = 1.0F;

  bool operator==(const Rotation&) const = default;
};

/// Frequencies in turns for each position, of which whole ones make no difference: 2^-64 turns, as two words,
/// the low one first.
std::vector<uint32_t> fractions_of_turns(std::span<const float> frequencies);

/// Those of the frequencies that were asked for lately: all layers and steps of a model have the same few.
class TurnFractions {
 public:
  /// Until it is called again.
  std::span<const uint32_t> of(std::span<const float> frequencies);

 private:
  struct Known {
    std::vector<float> frequencies;
    std::vector<uint32_t> words;
  };
  static constexpr size_t kMost = 4;  // two for layers of two kinds, and as many before the context grew
  std::deque<Known> known_;
};

/// A rotation of one tensor, or two.
struct RecordedRotation {
  Rotation rotation;
  int64_t head_dimension = 0;
  Tensor x;
  Tensor y;            // may be nowhere
  uint64_t calls = 0;  // which dispatch it was: the recorder's number of them
};

}  // namespace hearth::gpu
