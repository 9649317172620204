// From f32 to stored blocks. Used to make models and fixtures; plain and readable rather than optimal.
#pragma once

#include <cstddef>
#include <span>

#include "engine/base/result.h"
#include "engine/format/block_type.h"

namespace hearth {

/// Encodes `values` (a multiple of the block size) into `blocks` (exactly bytes_of(type, values.size())).
/// UNSUPPORTED_MODEL for a type that can be read but not written.
Result<void> quantize(BlockType type, std::span<const float> values, std::span<std::byte> blocks);

}  // namespace hearth
