// A model in another block type: decoded to floats, rounded again. How a smaller file is made of a larger
// one, and how tests get the exact floats that a quantised file stands for.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/format/gguf_writer.h"
#include "engine/format/importance.h"
#include "engine/format/model_file.h"
#include "engine/model/convert/tensor_pattern.h"
#include "engine/model/convert/type_mix.h"

namespace hearth {

/// What a model is converted to, and how.
struct Conversion {
  TypeMix mix;
  /// Every weight gets the mix's base type, by which the others stand back.
  bool pure = false;
  /// output.weight stays as it is.
  bool keep_output = false;
  /// Of output.weight, or of the embedding where there is none.
  std::optional<BlockType> output_type = {};
  /// Of the embedding, also where it is the output, too.
  std::optional<BlockType> embedding_type = {};
  /// Types of the weights that a pattern finds, the first that does.
  std::vector<std::pair<TensorPattern, BlockType>> overrides = {};
  /// What errors count in each column of a weight; nullptr where nothing is known. Must live as long as the
  /// writer.
  const ImportanceMatrix* importance = nullptr;
  /// That convert at the same time; 0 for as many as suit the machine.
  int threads = 0;
};

/// How many tensors have each type.
using TensorTypes = std::map<BlockType, int64_t>;

/// A tensor that could not have the type meant for it.
struct Fallback {
  std::string tensor;
  uint64_t columns;
  BlockType wanted;
  BlockType got;
};

struct Converted {
  TensorTypes types;
  std::vector<Fallback> fallbacks;
  /// Weights in blocks of which the importance matrix says nothing, embeddings and outputs aside.
  std::vector<std::string> without_importance;
};

/// Adds the metadata of `file` and its tensors in the types of `conversion` to `writer`, which reads and
/// converts them as it writes: `file` must live until then. Parts become one file. Norms, biases, rope
/// factors and routers of experts keep the type they have, unless the mix is F32, which decodes everything.
///
/// INVALID_ARGUMENT where no weight's rows are made up of whole blocks of the mix's base type, for a pattern
/// that finds no weight, for an importance matrix of another model, and, when written, for a weight that the
/// type cannot hold (infinite, or beyond its scale).
Result<Converted> add_converted_model(const ModelFile& file, const Conversion& conversion,
                                      GgufWriter& writer);

}  // namespace hearth
