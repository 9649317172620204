// Byte-level byte-pair encoding: rules cut the text into words, then the bytes of a word are merged in the
// order in which training found the pairs. From GPT-2 (https://github.com/openai/gpt-2); GGUF files whose
// `tokenizer.ggml.model` is "gpt2".
#pragma once

#include "engine/text/tokenizer_data.h"

namespace hearth {

/// UNSUPPORTED_MODEL naming a pre-tokenizer that is not known; INVALID_MODEL for a merge that is no pair.
Result<std::unique_ptr<const Tokenizer>> make_bpe_tokenizer(TokenizerData data);

/// As make_bpe_tokenizer, and INVALID_MODEL naming any other key at fault.
Result<std::unique_ptr<const Tokenizer>> read_bpe_tokenizer(const Gguf& gguf);

}  // namespace hearth
