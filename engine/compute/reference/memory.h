// The reference device's memory. A Buffer's handle is the address of a Block, never of its bytes: who follows
// a buffer as if it were an address goes wrong at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "engine/compute/tensor.h"

namespace hearth::reference {

struct Block {
  std::unique_ptr<std::byte[]> bytes;
};

/// Every byte is `fill`. Nowhere if there is not that much memory. `release_block` takes it back.
Buffer allocate_block(uint64_t bytes, std::byte fill);

/// The block of a buffer that allocate_block gave; from now on it is the pointer's. Null for nowhere.
std::shared_ptr<Block> release_block(Buffer buffer);

std::span<std::byte> bytes_at(Buffer buffer, uint64_t count);

/// All of it, row after row.
std::span<float> values_of(Tensor x);
std::span<float> row_of(Tensor x, int64_t row);
/// Empty for a vector that is nowhere.
std::span<const float> values_of(Vector vector);
/// The blocks of one output.
std::span<const std::byte> row_of(const Weight& weight, int64_t row);

}  // namespace hearth::reference
