// The network of Gemma 3n: a decoder whose residual stream is several (AltUp), with residuals that are
// learned (LAuReL) and vectors of each layer's own (per-layer embeddings).
#pragma once

#include <memory>

#include "engine/model/network.h"

namespace hearth {

std::unique_ptr<Network> make_gemma3n(const ModelSpec& spec);

}  // namespace hearth
