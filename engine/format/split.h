// Dividing a model into several GGUF files, as llama.cpp's gguf-split does, and putting them together again.
//
// Parts are named NAME-00001-of-00003.gguf (PartName). Each has `split.no` (from 0), `split.count` and
// `split.tensors.count` (of all parts); the first has the rest of the metadata, too.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/result.h"
#include "engine/format/gguf_writer.h"
#include "engine/format/model_file.h"

namespace hearth {

/// Where a part ends: at whichever of these comes first; a limit of 0 is none. A part has at least one
/// tensor, however large that is.
struct PartLimit {
  uint64_t bytes = 0;  // of a part's tensors, and of the first part's metadata
  uint64_t tensors = 0;
};

/// The writers of all parts, in order; `file` is borrowed until they have written. With `metadata_first` the
/// first part has no tensors. INVALID_ARGUMENT where that makes more than 65,535 parts.
Result<std::vector<GgufWriter>> split_model(const ModelFile& file, PartLimit limit,
                                            bool metadata_first = false);

/// Adds everything that is in the parts of `file` to one writer, but what says that they are parts; `file` is
/// borrowed until it has written.
void join_model(const ModelFile& file, GgufWriter& writer);

}  // namespace hearth
