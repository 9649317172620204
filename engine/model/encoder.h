// The network of models that read whole texts in both directions and give vectors: BERT and its heirs.
#pragma once

#include <memory>

#include "engine/model/network.h"

namespace hearth {

std::unique_ptr<Network> make_encoder(const ModelSpec& spec);

}  // namespace hearth
