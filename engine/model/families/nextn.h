// Layers behind the last that guess tokens further on (NextN; multi-token prediction, Gloeckle et al. 2024).
#pragma once

#include "engine/base/result.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/spec.h"

namespace hearth::families {

/// Takes nextn_predict_layers away, which block_count counts, too: the model says the same without them.
Result<void> leave_out_nextn(const Hyperparameters& keys, ModelSpec& spec);

}  // namespace hearth::families
