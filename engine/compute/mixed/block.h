// Memory of a device that is two: what a Buffer's handle points at.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/compute/mixed/ranges.h"
#include "engine/compute/tensor.h"

namespace hearth::mixed {

/// The CPU, which computes the first layers, and the device that computes the others.
enum class Side { kHost, kDevice };

constexpr Side other(Side side) { return side == Side::kHost ? Side::kDevice : Side::kHost; }

template <typename T>
struct OfSides : std::array<T, 2> {
  T& operator[](Side side) { return std::array<T, 2>::operator[](static_cast<size_t>(side)); }
  const T& operator[](Side side) const { return std::array<T, 2>::operator[](static_cast<size_t>(side)); }
};

/// Of states: bytes of every run, and where they are in a run of each side; kNowhere where it has none of
/// them.
struct Part {
  static constexpr uint64_t kNowhere = UINT64_MAX;

  uint64_t begin, end;
  OfSides<uint64_t> at;
};

struct Block {
  OfSides<Buffer> memory;  // nowhere on a side that does not compute with it
  uint64_t bytes = 0;      // 0: of weights, which are never written
  /// Of activations, which both sides have: what this one wrote, and the other does not have.
  OfSides<Ranges> newer;
  // Of states, which are runs of one size with the same parts:
  std::vector<Part> parts = {};
  uint64_t run_bytes = 0;
  OfSides<uint64_t> side_run_bytes = {};

  bool are_states() const { return !parts.empty(); }
  /// The part of a run in which an offset of the block lies.
  const Part& part_of(uint64_t offset) const;
  /// Where an offset of the block is on a side; nowhere where it has none of that.
  Buffer at(Side side, uint64_t offset) const;
  /// From a run to the next.
  uint64_t stride(Side side) const { return side_run_bytes[side]; }
};

inline Block& block_of(Buffer buffer) { return *static_cast<Block*>(buffer.block); }

}  // namespace hearth::mixed
