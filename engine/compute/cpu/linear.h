// Matrix products over the thread pool: the input is prepared once, then ranges of the outputs of all
// matrices are shared out in one parallel region.
#pragma once

#include <span>

#include "engine/compute/backend.h"
#include "engine/compute/cpu/context.h"

namespace hearth::cpu {

/// Backend::linear.
void linear(Context& context, Tensor x, std::span<const Projection> projections);

/// Backend::gated_linear.
void gated_linear(Context& context, Tensor x, const Weight& gate, const Weight& up, Activation activation,
                  Tensor out);

/// Backend::linear_by_head.
void linear_by_head(Context& context, Tensor x, const Weight& weight, Tensor out);

/// How many outputs of the `outputs` in a region one task computes for `rows` rows.
int64_t outputs_per_task(const Context& context, int64_t rows, int64_t outputs);

/// Outputs [first, first + count) of out = activation(x gate^T) * (x up^T), on one thread.
void multiply_gated(Context& context, const Weight& gate, const Weight& up, Activation activation,
                    const PreparedForms& input, int64_t first, int64_t count, Tensor out, int thread);

}  // namespace hearth::cpu
