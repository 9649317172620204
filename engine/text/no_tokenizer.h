// A file without a vocabulary (`tokenizer.ggml.model` is "none" or "no_vocab"): its model is fed with numbers
// of tokens, which no text stands for.
#pragma once

#include <memory>

#include "engine/text/tokenizer.h"

namespace hearth {

/// As many tokens as the architecture's `vocab_size` says; none without that key. INVALID_MODEL if it is
/// unreasonable.
Result<std::unique_ptr<const Tokenizer>> read_no_tokenizer(const Gguf& gguf);

}  // namespace hearth
