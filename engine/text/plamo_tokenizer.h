// PLaMo 2's tokenizer: of all ways to cut the text into tokens the one with the highest sum of scores, where
// a character that is in no token becomes its bytes. Unlike SentencePiece's unigram model
// (unigram_tokenizer.h) it takes the text as it is, spaces too, counts in whole numbers, and between cuts of
// one sum takes the one whose tokens are longer, from the beginning of the text on. Reference:
// tokenization_plamo.py of https://huggingface.co/pfnet/plamo-2-8b; GGUF files whose `tokenizer.ggml.model`
// is "plamo2".
#pragma once

#include <memory>

#include "engine/text/tokenizer_data.h"

namespace hearth {

std::unique_ptr<const Tokenizer> make_plamo_tokenizer(TokenizerData data);

/// INVALID_MODEL naming the key at fault.
Result<std::unique_ptr<const Tokenizer>> read_plamo_tokenizer(const Gguf& gguf);

}  // namespace hearth
