#include "engine/text/infill_tokens.h"

#include <array>
#include <span>
#include <string_view>

namespace hearth {
namespace {

// As llama.cpp knows them. Each table has the same families in the same order:
// Qwen; StarCoder 2; StarCoder and Granite; DeepSeek; CodeLlama, twice; GLM; LFM.
constexpr std::string_view kPrefixes[] = {"<|fim_prefix|>",  "<fim-prefix>", "<fim_prefix>",
                                          "<｜fim▁begin｜>", "<PRE>",        "▁<PRE>",
                                          "<|code_prefix|>", "<|prefix|>"};
constexpr std::string_view kSuffixes[] = {"<|fim_suffix|>",  "<fim-suffix>", "<fim_suffix>",
                                          "<｜fim▁hole｜>",  "<SUF>",        "▁<SUF>",
                                          "<|code_suffix|>", "<|suffix|>"};
constexpr std::string_view kMiddles[] = {"<|fim_middle|>", "<fim-middle>", "<fim_middle>",    "<｜fim▁end｜>",
                                         "<MID>",          "▁<MID>",       "<|code_middle|>", "<|middle|>"};
constexpr std::string_view kPads[] = {"<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]"};
constexpr std::string_view kRepositories[] = {"<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>",
                                              "<reponame>"};
constexpr std::string_view kFileSeparators[] = {"<|file_sep|>"};

}  // namespace

InfillTokens find_infill_tokens(const Vocabulary& vocabulary, InfillTokens named) {
  const auto find = [&](TokenId& token, std::span<const std::string_view> spellings) {
    for (const std::string_view spelling : spellings) {
      if (token != kNoToken) return;
      const TokenId spelled = vocabulary.find(spelling);
      if (spelled != kNoToken && vocabulary.type(spelled) == TokenType::kControl) token = spelled;
    }
  };
  find(named.prefix, kPrefixes);
  find(named.suffix, kSuffixes);
  find(named.middle, kMiddles);
  find(named.pad, kPads);
  find(named.repository, kRepositories);
  find(named.file_separator, kFileSeparators);
  const bool can_ask = named.prefix != kNoToken && named.suffix != kNoToken && named.middle != kNoToken;
  return can_ask ? named : InfillTokens{};
}

}  // namespace hearth
