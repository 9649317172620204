// Layers whose attention slides: which they are, and what their rope has of its own.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/result.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

/// Which layer of a period does not slide.
enum class FullLayer { kFirst, kLast };

/// Whether each layer slides: as attention.sliding_window_pattern says (one value for each layer, or a
/// period), or all but one of each `period`. Of a period of 0 all do.
Result<std::vector<bool>> read_sliding_layers(const Hyperparameters& keys, size_t n_layer, int32_t period,
                                              FullLayer full = FullLayer::kLast);

/// `rope` as sliding layers have it: with rope.freq_base_swa and rope.dimension_count_swa, where they are
/// there.
Result<RopeSpec> read_sliding_rope(const Hyperparameters& keys, RopeSpec rope);

/// The same of families whose sliding layers have a plain rope of base 10000, if the file names no other.
Result<RopeSpec> read_own_sliding_rope(const Hyperparameters& keys, RopeSpec rope);

/// Three layers slide, or as many as the file says, to each that sees everything, in which positions turn
/// nothing (Yang et al. 2025, "RNoPE").
Result<void> turn_only_where_it_slides(const Hyperparameters& keys, ModelSpec& spec);

}  // namespace hearth::families
