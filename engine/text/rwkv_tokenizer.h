// RWKV's "World" tokenizer: at every place of the text the longest token, byte by byte, with no rules for
// words and no merges. Tokens need not be whole characters, so vocabularies write them with escapes (\xff,
// \n). Reference: https://github.com/BlinkDL/RWKV-LM (rwkv_tokenizer.py, TRIE_TOKENIZER); GGUF files whose
// `tokenizer.ggml.model` is "rwkv".
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/text/tokenizer_data.h"

namespace hearth {

/// The bytes that a token is written for: \t, \n, \r, \xNN; any other character after a backslash is itself.
std::string without_rwkv_escapes(std::string_view written);

std::unique_ptr<const Tokenizer> make_rwkv_tokenizer(TokenizerData data);

/// INVALID_MODEL naming the key at fault.
Result<std::unique_ptr<const Tokenizer>> read_rwkv_tokenizer(const Gguf& gguf);

}  // namespace hearth
