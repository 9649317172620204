// The network of models that read a text as a whole, in both directions, and then write an answer to it: the
// transformer as it was first (Vaswani et al. 2017), T5.
//
// Of a sequence the first positions are the text and the others the answer (BatchRows::sources). A batch has
// rows of either: texts go through the encoder, each whole, and leave keys and values for every layer of the
// decoder; then the rows of their answers go through that.
#pragma once

#include <memory>

#include "engine/model/network.h"

namespace hearth {

std::unique_ptr<Network> make_encoder_decoder(const ModelSpec& spec);

}  // namespace hearth
