// The network of Gemma 4: a decoder whose layers add vectors of their own (per-layer embeddings), or have a
// mixture of experts beside their feed-forward network.
#pragma once

#include <memory>

#include "engine/model/network.h"

namespace hearth {

std::unique_ptr<Network> make_gemma4(const ModelSpec& spec);

}  // namespace hearth
