// A mixture of experts: rows that chose the same expert go through it together, so that its weights are read
// once for a batch.
#pragma once

#include "engine/compute/backend.h"
#include "engine/compute/cpu/context.h"

namespace hearth::cpu {

/// Backend::experts. The router's probabilities are a softmax over all experts; of equal ones the lower index
/// is chosen first; a row's results are summed in the order of choice.
void experts(Context& context, const ExpertParameters& parameters, const ExpertWeights& weights, Tensor x,
             Tensor out);

}  // namespace hearth::cpu
