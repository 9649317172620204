// How kernels take weights of each type (kernels/parts/weights).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/compute/gpu/runner.h"
#include "engine/format/block_type.h"

namespace hearth::gpu {

/// The value of a kernel's option `type`: "q4_k".
std::string type_option(BlockType type);

/// Weights of this type must begin with a multiple of so many bytes: 4, 2 or 1, whichever the blocks of a row
/// that does keep to.
uint64_t weight_alignment(BlockType type);

/// Whether kernels that multiply take the type. The others are no model's: `embed` turns them into floats.
bool is_multiplied(BlockType type);

/// Whether a device multiplies the type as codes of 8 bits, and x as such, too: with `packed_dot`, types
/// whose weights are codes themselves. The others multiply floats (kernels/README.md).
bool multiplies_codes(const DeviceProperties& device, BlockType type);

/// The options of kernels that multiply: "type=q4_k,packed_dot=yes".
std::string product_options(const DeviceProperties& device, BlockType type);

/// Whether its kernels need the codebook as their operand `grid`.
bool needs_codebook(BlockType type);

/// The grids of the IQ types one after the other (kernels/parts/weights/grid.wgsl), in words.
std::vector<uint32_t> make_codebook();

}  // namespace hearth::gpu
