// Byte-pair encoding: rules cut the text into words, then the bytes of a word are merged in the order in
// which training found the pairs. From GPT-2 (https://github.com/openai/gpt-2); GGUF files whose
// `tokenizer.ggml.model` is "gpt2", "gemma4", "whitespace" or "hybriddna". Some newer vocabularies are
// written in characters rather than in bytes.
#pragma once

#include "engine/text/tokenizer_data.h"

namespace hearth {

/// UNSUPPORTED_MODEL naming a pre-tokenizer that is not known; INVALID_MODEL for a merge that is no pair.
Result<std::unique_ptr<const Tokenizer>> make_bpe_tokenizer(TokenizerData data);

/// As make_bpe_tokenizer, and INVALID_MODEL naming any other key at fault.
Result<std::unique_ptr<const Tokenizer>> read_bpe_tokenizer(const Gguf& gguf);
/// The same for a `tokenizer.ggml.model` that is itself the pre-tokenizer's name. The one for white space
/// drops it, and writes words in lower case if `tokenizer.ggml.normalizer.lowercase` says so.
Result<std::unique_ptr<const Tokenizer>> read_gemma4_tokenizer(const Gguf& gguf);
Result<std::unique_ptr<const Tokenizer>> read_whitespace_tokenizer(const Gguf& gguf);
/// As read_bpe_tokenizer, for texts with DNA in them (dna_words.h).
Result<std::unique_ptr<const Tokenizer>> read_dna_tokenizer(const Gguf& gguf);

}  // namespace hearth
