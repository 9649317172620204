// Rope of positions in time, height and width (M-RoPE, Wang et al. 2024, "Qwen2-VL"). Those of a text are all
// the same, so that its pairs turn as those of plain rope do.
#pragma once

#include "engine/base/result.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/spec.h"

namespace hearth::families {

/// Whether the file cuts pairs into sections (rope.dimension_sections).
Result<bool> read_rope_sections(const Hyperparameters& keys);

/// Has the pairs of a fourth section, which some files have, stand still. `alternate`: sections lie pair by
/// pair.
Result<void> apply_rope_sections(const Hyperparameters& keys, bool alternate, ModelSpec& spec);

}  // namespace hearth::families
