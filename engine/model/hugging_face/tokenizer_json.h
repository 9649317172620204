// tokenizer.json as GGUF's tokenizer keys.
#pragma once

#include <cstdint>

#include "engine/base/result.h"
#include "engine/format/gguf_writer.h"
#include "engine/model/hugging_face/json_file.h"
#include "engine/model/hugging_face/token_table.h"

namespace hearth {

/// Adds the vocabulary, padded to `vocab_size` tokens, and how texts are cut: BPE of bytes or of characters,
/// WordPiece, or Unigram. INVALID_MODEL; UNSUPPORTED_MODEL for another kind, or rules that no GGUF name
/// stands for.
Result<TokenTable> add_tokenizer_json(const JsonFile& tokenizer, uint32_t vocab_size, GgufWriter& writer);

}  // namespace hearth
