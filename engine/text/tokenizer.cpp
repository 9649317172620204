#include "engine/text/tokenizer.h"

#include <fmt/format.h>

#include "engine/base/nearest_name.h"
#include "engine/format/gguf.h"
#include "engine/format/quoted.h"
#include "engine/text/bpe_tokenizer.h"
#include "engine/text/hashed_tokenizer.h"
#include "engine/text/no_tokenizer.h"
#include "engine/text/plamo_tokenizer.h"
#include "engine/text/rwkv_tokenizer.h"
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
    {"llama", read_spm_tokenizer},      {"gpt2", read_bpe_tokenizer},
    {"gemma4", read_gemma4_tokenizer},  {"whitespace", read_whitespace_tokenizer},
    {"hybriddna", read_dna_tokenizer},  {"t5", read_unigram_tokenizer},
    {"bert", read_wordpiece_tokenizer}, {"rwkv", read_rwkv_tokenizer},
    {"plamo2", read_plamo_tokenizer},   {"none", read_no_tokenizer},
    {"no_vocab", read_no_tokenizer},    {"test", read_hashed_tokenizer},
};

}  // namespace

std::vector<std::string> Tokenizer::known_models() {
  std::vector<std::string> names;
  for (const Kind& kind : kKinds) names.emplace_back(kind.model);
  return names;
}

Result<std::unique_ptr<const Tokenizer>> Tokenizer::from_gguf(const Gguf& gguf) {
  HEARTH_ASSIGN(const std::string_view model, gguf.require_string("tokenizer.ggml.model"));
  for (const Kind& kind : kKinds) {
    if (kind.model == model) return kind.read(gguf);
  }
  const std::vector<std::string> known = known_models();
  return Error{
      ErrorCode::kUnsupportedModel,
      fmt::format("{}: key 'tokenizer.ggml.model': tokenizers of the kind {} are not known, the nearest "
                  "of those that are ({}) is '{}'; the file may be fine: use a newer Hearth",
                  gguf.source().name(), quoted(model), fmt::join(known, ", "), nearest_name(model, known))};
}

}  // namespace hearth
