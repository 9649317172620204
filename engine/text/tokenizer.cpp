#include "engine/text/tokenizer.h"

#include <fmt/core.h>

#include "engine/format/gguf.h"
#include "engine/format/quoted.h"
#include "engine/text/bpe_tokenizer.h"
#include "engine/text/spm_tokenizer.h"
#include "engine/text/unigram_tokenizer.h"
#include "engine/text/wordpiece_tokenizer.h"

namespace hearth {
namespace {

struct Kind {
  std::string_view model;  // the value of `tokenizer.ggml.model`
  Result<std::unique_ptr<const Tokenizer>> (*read)(const Gguf& gguf);
};

constexpr Kind kKinds[] = {
    {"llama", read_spm_tokenizer},     {"gpt2", read_bpe_tokenizer},
    {"gemma4", read_gemma4_tokenizer}, {"whitespace", read_whitespace_tokenizer},
    {"t5", read_unigram_tokenizer},    {"bert", read_wordpiece_tokenizer},
};

}  // namespace

Result<std::unique_ptr<const Tokenizer>> Tokenizer::from_gguf(const Gguf& gguf) {
  HEARTH_ASSIGN(const std::string_view model, gguf.require_string("tokenizer.ggml.model"));
  for (const Kind& kind : kKinds) {
    if (kind.model == model) return kind.read(gguf);
  }
  return Error{ErrorCode::kUnsupportedModel,
               fmt::format("{}: key 'tokenizer.ggml.model': tokenizers of the kind {} are not known",
                           gguf.source().name(), quoted(model))};
}

}  // namespace hearth
