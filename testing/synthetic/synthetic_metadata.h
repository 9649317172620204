// The hyperparameters of a shape as GGUF metadata.
#pragma once

#include "engine/format/gguf_writer.h"
#include "engine/model/convert/type_mix.h"
#include "testing/synthetic/shapes.h"

namespace hearth {

void add_synthetic_metadata(const SyntheticShape& shape, const TypeMix& mix, GgufWriter& writer);

}  // namespace hearth
