// From stored blocks to f32, bit for bit as ggml does it. The plain reference that every kernel is tested
// against.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/format/block_type.h"

namespace hearth {

/// Decodes `blocks` into `values`; values.size() is a multiple of the type's block size and blocks holds
/// exactly bytes_of(type, values.size()). Integer types convert to the nearest float.
void dequantize(BlockType type, std::span<const std::byte> blocks, std::span<float> values);

}  // namespace hearth
