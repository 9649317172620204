// What the heirs of BERT add to it.
#pragma once

#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

/// What all share: token types and a norm behind the embedding, layers that see both ways and normalise the
/// sums, rope, and a plain feed-forward network with GELU.
Result<ModelSpec> read_encoder(const Hyperparameters& keys);

}  // namespace hearth::families
