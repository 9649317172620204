// A whole model with random weights in the shape of a real one: what tests and benchmarks run on where no
// real model is at hand. Every metadata key that a GGUF of the family has, so that any reader takes it.
#pragma once

#include <cstdint>

#include "engine/base/result.h"
#include "engine/format/gguf_writer.h"
#include "engine/model/convert/type_mix.h"
#include "testing/synthetic/shapes.h"

namespace hearth {

/// Adds metadata, vocabulary and tensors of the model to `writer`, which generates the weights as it writes.
/// The same arguments give the same bytes. INVALID_ARGUMENT if the shape contradicts itself.
///
/// Every weight matrix has deviation 1/sqrt(columns) times a small factor, so that activations keep their
/// size from layer to layer: they neither explode nor die, however deep the model.
Result<void> add_synthetic_model(const SyntheticShape& shape, const TypeMix& mix, uint64_t seed,
                                 GgufWriter& writer);

/// Adds a random low-rank adapter of such a model: a pair of the rank for every matrix, the embedding's
/// included where the output has weights of its own. What it adds is about as large as what
/// the matrices give.
Result<void> add_synthetic_adapter(const SyntheticShape& shape, int32_t rank, uint64_t seed,
                                   GgufWriter& writer);

}  // namespace hearth
