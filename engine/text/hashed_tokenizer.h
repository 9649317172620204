// The tokenizer of models that llama.cpp makes at random for its own tests (`tokenizer.ggml.model` is
// "test"): every five bytes of a text are the token of their hash, and a token's text is its number.
// Reference: llama.cpp, src/llama-vocab.cpp.
#pragma once

#include <memory>

#include "engine/text/tokenizer.h"

namespace hearth {

/// INVALID_MODEL naming the key at fault.
Result<std::unique_ptr<const Tokenizer>> read_hashed_tokenizer(const Gguf& gguf);

}  // namespace hearth
