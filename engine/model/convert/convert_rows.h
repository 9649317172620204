// The rows of one tensor in another block type, by several threads.
#pragma once

#include <memory>
#include <span>

#include "engine/base/thread_pool.h"
#include "engine/format/gguf_writer.h"
#include "engine/format/model_file.h"

namespace hearth {

/// Reads, converts and gives out the bytes of `place` as `type`; copies them where that is its type.
/// `importance` has that of each column, matrix by matrix, or is empty. All but `threads` is borrowed.
GgufWriter::Fill converted_rows(TensorPlace place, BlockType type, std::span<const float> importance,
                                std::shared_ptr<ThreadPool> threads);

}  // namespace hearth
