// From f32 to stored blocks. Used to make models and fixtures; plain and readable rather than optimal.
#pragma once

#include <cstddef>
#include <span>

#include "engine/base/result.h"
#include "engine/format/block_type.h"

namespace hearth {

/// Encodes `values` (a multiple of the block size) into `blocks` (exactly bytes_of(type, values.size())), the
/// same bytes every time. Every type can be written; how each is rounded stands in block_coding.h. Integers
/// are the nearest, within the type's range.
///
/// INVALID_ARGUMENT, saying which value, if one is not finite or, for types with blocks, above 65504 in
/// magnitude (their scales are f16). Floats keep infinities and NaN.
Result<void> quantize(BlockType type, std::span<const float> values, std::span<std::byte> blocks);

}  // namespace hearth
