// WordPiece, the tokenizer of BERT: text is normalised and cut into words, then each word into the longest
// tokens from its beginning; a word that does not come out is <unk>. Reference:
// https://github.com/google-research/bert (tokenization.py), with the convention of GGUF files whose
// `tokenizer.ggml.model` is "bert": the token that begins a word has U+2581 before it, others have nothing.
#pragma once

#include "engine/text/tokenizer_data.h"

namespace hearth {

std::unique_ptr<const Tokenizer> make_wordpiece_tokenizer(TokenizerData data);

/// INVALID_MODEL naming the key at fault.
Result<std::unique_ptr<const Tokenizer>> read_wordpiece_tokenizer(const Gguf& gguf);

}  // namespace hearth
