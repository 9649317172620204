// What operations take: activations, weight matrices and small vectors, each a place in a device's memory
// with a shape. All are views; none owns its memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/format/block_type.h"

namespace hearth {

/// A place in a device's memory: a block that the device gave, and bytes from its beginning. What the handle
/// means is the device's own affair (an address for the CPU, an object for a GPU); only its folder may follow
/// it.
struct Buffer {
  void* block = nullptr;
  uint64_t offset = 0;

  explicit operator bool() const { return block != nullptr; }
  bool operator==(const Buffer&) const = default;
  Buffer at(uint64_t bytes) const { return {block, offset + bytes}; }
};

/// Activations: f32 [rows, columns], row-major.
struct Tensor {
  Buffer data;
  int64_t rows = 0;
  int64_t columns = 0;

  uint64_t bytes() const {
    return static_cast<uint64_t>(rows) * static_cast<uint64_t>(columns) * sizeof(float);
  }
  /// Rows [first, first + count).
  Tensor slice_rows(int64_t first, int64_t count) const {
    return {data.at(static_cast<uint64_t>(first * columns) * sizeof(float)), count, columns};
  }
};

/// A weight matrix as the file stores it: `rows` outputs, each a row of `columns` inputs in blocks of `type`.
/// It is there while its layer is leased (engine/compute/weights/weight_store.h); no alignment is promised.
struct Weight {
  BlockType type = BlockType::kF32;
  int64_t rows = 0;
  int64_t columns = 0;
  Buffer data;
  int32_t matrix = -1;    // which of a model's it is, or is a part of; -1: none
  int64_t first_row = 0;  // in that matrix

  explicit operator bool() const { return static_cast<bool>(data); }
  int64_t row_bytes() const { return static_cast<int64_t>(bytes_of(type, static_cast<uint64_t>(columns))); }
  /// Rows [first, first + count): one of several matrices stored as one (a fused qkv, one expert of many).
  Weight slice_rows(int64_t first, int64_t count) const {
    return {
        type, count, columns, data.at(static_cast<uint64_t>(first * row_bytes())), matrix, first_row + first};
  }
};

/// A norm's weight or a bias: f32 [size], aligned for float. Nowhere where the model has none.
struct Vector {
  Buffer data;
  int64_t size = 0;

  explicit operator bool() const { return static_cast<bool>(data); }
  Vector slice(int64_t first, int64_t count) const {
    return {data.at(static_cast<uint64_t>(first) * sizeof(float)), count};
  }
};

}  // namespace hearth
