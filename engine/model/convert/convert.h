// A model in another block type: decoded to floats, rounded again. How a smaller file is made of a larger
// one, and how tests get the exact floats that a quantised file stands for.
#pragma once

#include <cstdint>
#include <map>

#include "engine/base/result.h"
#include "engine/format/gguf_writer.h"
#include "engine/format/model_file.h"
#include "engine/model/convert/type_mix.h"

namespace hearth {

/// How many tensors have each type.
using TensorTypes = std::map<BlockType, int64_t>;

/// Adds the metadata of `file` and its tensors in the types of `mix` to `writer`, which reads and converts
/// them as it writes: `file` must live until then. Parts become one file. Norms, biases, rope factors and
/// routers of experts keep the type they have, unless `mix` is F32, which decodes everything. An importance
/// matrix, which the types below 3 bits would profit from, is not used.
///
/// INVALID_ARGUMENT where no weight's rows are made up of whole blocks of the type that `mix` is named for,
/// and, when written, for a weight that the type cannot hold (infinite, or beyond its scale).
Result<TensorTypes> add_converted_model(const ModelFile& file, const TypeMix& mix, GgufWriter& writer);

}  // namespace hearth
