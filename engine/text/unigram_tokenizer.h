// SentencePiece's unigram model: of all ways to cut the normalised text into tokens, the one with the highest
// sum of scores. Reference: https://github.com/google/sentencepiece (unigram_model.cc, normalizer.cc); GGUF
// files whose `tokenizer.ggml.model` is "t5".
#pragma once

#include "engine/text/tokenizer_data.h"

namespace hearth {

/// INVALID_MODEL if the charsmap is damaged.
Result<std::unique_ptr<const Tokenizer>> make_unigram_tokenizer(TokenizerData data);

/// As make_unigram_tokenizer, and INVALID_MODEL naming any other key at fault.
Result<std::unique_ptr<const Tokenizer>> read_unigram_tokenizer(const Gguf& gguf);

}  // namespace hearth
