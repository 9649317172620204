// A mixture of experts: rows that chose the same expert go through it together, so that its weights are read
// once for a batch.
#pragma once

#include "engine/compute/backend.h"
#include "engine/compute/cpu/context.h"

namespace hearth::cpu {

/// Backend::experts. A row's results are summed in the order of choice.
void experts(Context& context, const ExpertParameters& parameters, const ExpertWeights& weights,
             Tensor logits, Tensor x, Tensor out);

}  // namespace hearth::cpu
