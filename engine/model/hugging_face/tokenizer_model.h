// tokenizer.model, SentencePiece's file, as GGUF's tokenizer keys.
#pragma once

#include <cstdint>
#include <filesystem>

#include "engine/base/result.h"
#include "engine/format/gguf_writer.h"
#include "engine/model/hugging_face/json_file.h"
#include "engine/model/hugging_face/token_table.h"

namespace hearth {

/// Adds the vocabulary of `folder`, padded to `vocab_size` tokens, with the tokens that added_tokens.json and
/// tokenizer_config.json add to it. Fails as SentencePieceModel::parse does; INVALID_MODEL where tokens are
/// more than `vocab_size`.
Result<TokenTable> add_tokenizer_model(const std::filesystem::path& folder, const JsonFile& tokenizer_config,
                                       uint32_t vocab_size, GgufWriter& writer);

}  // namespace hearth
