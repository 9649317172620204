// From f32 to stored blocks.
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

/// The same for weights that are stored once and read often: also types that a plain rule rounds get the
/// scales that make the squared error small. `importance` says how much that of each column counts, all above
/// 0, and `values` are whole rows of as many; empty where all count the same.
Result<void> quantize_closely(BlockType type, std::span<const float> values,
                              std::span<const float> importance, std::span<std::byte> blocks);

}  // namespace hearth
