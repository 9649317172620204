// A folder's tokenizer as GGUF's keys.
#pragma once

#include <cstdint>
#include <filesystem>

#include "engine/base/result.h"
#include "engine/format/gguf_writer.h"
#include "engine/model/hugging_face/json_file.h"

namespace hearth {

/// Adds the vocabulary of `folder`, padded to `vocab_size` tokens, its special tokens and its chat template.
/// UNSUPPORTED_MODEL for a kind of tokenizer, or rules that cut words, that no GGUF name stands for.
Result<void> add_tokenizer(const std::filesystem::path& folder, const JsonFile& config, uint32_t vocab_size,
                           GgufWriter& writer);

}  // namespace hearth
