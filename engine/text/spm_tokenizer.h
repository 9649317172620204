// SentencePiece's byte-pair encoding: characters are merged into the neighbours' token with the highest
// score; what is in no token becomes byte tokens. Reference: https://github.com/google/sentencepiece
// (bpe_model.cc), with the conventions of GGUF files whose `tokenizer.ggml.model` is "llama".
#pragma once

#include "engine/text/tokenizer_data.h"

namespace hearth {

std::unique_ptr<const Tokenizer> make_spm_tokenizer(TokenizerData data);

/// INVALID_MODEL naming the key at fault.
Result<std::unique_ptr<const Tokenizer>> read_spm_tokenizer(const Gguf& gguf);

}  // namespace hearth
