// Vocabularies for models with random weights: of the right kind and size, with every byte, so that any text
// can be tokenised and decoded, and with the special tokens and the chat format of the family.
//
// The words are no language's: they are combinations of frequent letters.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/result.h"
#include "engine/format/gguf_writer.h"

namespace hearth {

/// Adds the `tokenizer.*` keys of the named style ("llama2", "qwen", "gemma", ...) with `n_vocab` tokens.
/// INVALID_ARGUMENT if the style is unknown or `n_vocab` too small for its bytes and special tokens.
Result<void> add_synthetic_vocabulary(std::string_view style, int32_t n_vocab, GgufWriter& writer);

}  // namespace hearth
