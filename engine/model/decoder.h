// The network of most families: a decoder-only transformer.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/model/network.h"

namespace hearth {

std::unique_ptr<Network> make_decoder(const ModelSpec& spec);

}  // namespace hearth
