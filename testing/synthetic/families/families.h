// Shapes of every family: tiny ones, one per way of computing, so small that a test can afford all of them;
// and published ones of models that remember in states.
#pragma once

#include <vector>

#include "testing/synthetic/shapes.h"

namespace hearth {

std::vector<SyntheticShape> dense_shapes();
std::vector<SyntheticShape> classic_shapes();
std::vector<SyntheticShape> expert_shapes();
std::vector<SyntheticShape> gemma_shapes();
std::vector<SyntheticShape> latent_attention_shapes();
std::vector<SyntheticShape> state_space_shapes();
std::vector<SyntheticShape> linear_attention_shapes();
std::vector<SyntheticShape> published_state_shapes();
std::vector<SyntheticShape> diffusion_shapes();
std::vector<SyntheticShape> encoder_shapes();

}  // namespace hearth
