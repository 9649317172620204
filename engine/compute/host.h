// How a device that computes in the memory of this process follows a Buffer: the handles are addresses.
#pragma once

#include <cstddef>

#include "engine/compute/tensor.h"

namespace hearth {

inline std::byte* address_of(Buffer buffer) { return static_cast<std::byte*>(buffer.block) + buffer.offset; }

/// Null for a vector that is nowhere.
inline float* floats_of(Buffer buffer) { return reinterpret_cast<float*>(address_of(buffer)); }
inline float* floats_of(Tensor tensor) { return floats_of(tensor.data); }
inline const float* floats_of(Vector vector) { return floats_of(vector.data); }
inline const std::byte* blocks_of(const Weight& weight) { return address_of(weight.data); }

/// Memory of this process as a buffer. Of what is constant only weights and vectors are made, which nothing
/// writes.
inline Buffer buffer_at(const void* memory) { return {const_cast<void*>(memory)}; }

inline Tensor tensor_at(float* memory, int64_t rows, int64_t columns) {
  return {buffer_at(memory), rows, columns};
}

}  // namespace hearth
