// What operations take: activations, weight matrices and small vectors. All are views; none owns its memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/format/block_type.h"

namespace hearth {

/// Activations: f32 [rows, columns], row-major. `data` is an address in the backend's memory; only the
/// backend that allocated it may follow it.
struct Tensor {
  float* data = nullptr;
  int64_t rows = 0;
  int64_t columns = 0;

  Tensor first_rows(int64_t count) const { return {data, count, columns}; }
};

/// A weight matrix as the file stores it: `rows` outputs, each a row of `columns` inputs in blocks of `type`.
/// Borrowed from the lease that gave it (engine/model/weights.h); no alignment is promised.
struct Weight {
  BlockType type = BlockType::kF32;
  int64_t rows = 0;
  int64_t columns = 0;
  const std::byte* data = nullptr;

  explicit operator bool() const { return data != nullptr; }
  int64_t row_bytes() const { return static_cast<int64_t>(bytes_of(type, static_cast<uint64_t>(columns))); }
  /// Rows [first, first + count): one of several matrices stored as one (a fused qkv, one expert of many).
  Weight slice_rows(int64_t first, int64_t count) const {
    return {type, count, columns, data + first * row_bytes()};
  }
};

/// A norm's weight or a bias: f32 [size], aligned for float. Null where the model has none.
struct Vector {
  const float* data = nullptr;
  int64_t size = 0;

  explicit operator bool() const { return data != nullptr; }
  Vector slice(int64_t first, int64_t count) const { return {data + first, count}; }
};

}  // namespace hearth
