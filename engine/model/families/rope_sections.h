// Rope of positions in time, height and width (M-RoPE, Wang et al. 2024, "Qwen2-VL"). Those of a text are all
// the same, so that its pairs turn as those of plain rope do.
#pragma once

#include "engine/base/result.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

/// Whether the file cuts pairs into sections (rope.dimension_sections). UNSUPPORTED_MODEL where some of them
/// are of a fourth kind, which stands still in texts.
Result<bool> read_rope_sections(const Hyperparameters& keys);

}  // namespace hearth::families
