#include "engine/text/end_tokens.h"

#include <algorithm>
#include <string_view>

namespace hearth {
namespace {

/// The end of one turn of a conversation. The first that is in a vocabulary becomes its eot.
constexpr std::string_view kEndOfTurn[] = {
    "<|eot_id|>",             // Llama 3
    "<|im_end|>",             // ChatML: Qwen, SmolLM and many more
    "<|end|>",                // Phi-3
    "<end_of_turn>",          // Gemma
    "<|end_of_text|>",        // Granite
    "<EOT>",                  // CodeLlama's infilling
    "_<EOT>",                 //
    "[EOT]",                  // Kimi-K2
    "<end_of_utterance>",     // SmolVLM
    "<｜end▁of▁sentence｜>",  // DeepSeek
    "<|endoftext|>",          // GPT-2 and its descendants
};

/// Further ends of an answer: of a message to a tool, of a document, of a file.
constexpr std::string_view kOtherEnds[] = {
    "<|eom_id|>",                                                           // Llama 3.1
    "<|return|>",   "<|call|>",                                             // gpt-oss
    "</s>",                                                                 // SentencePiece
    "[EOS]",                                                                // Kimi-K2
    "<|fim_pad|>",  "<fim-pad>",     "<fim_pad>",  "<PAD>",  "[PAD]",       // infilling: padding
    "<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>",  // infilling: repository
    "<|file_sep|>",                                                         // infilling: next file
};

}  // namespace

std::vector<TokenId> find_end_tokens(Vocabulary& vocabulary, SpecialTokens& special) {
  std::vector<TokenId> ends;
  const auto add = [&](TokenId token) {
    if (token == kNoToken) return;
    ends.push_back(token);
    vocabulary.set_type(token, TokenType::kControl);
  };
  for (const std::string_view name : kEndOfTurn) {
    const TokenId token = vocabulary.find(name);
    if (special.eot == kNoToken) special.eot = token;
    add(token);
  }
  for (const std::string_view name : kOtherEnds) add(vocabulary.find(name));
  add(special.eos);
  add(special.eot);

  // gpt-oss ends only its parts with <|end|>; the answer goes on after it.
  if (vocabulary.find("<|return|>") != kNoToken && vocabulary.find("<|call|>") != kNoToken) {
    const TokenId end = vocabulary.find("<|end|>");
    std::erase(ends, end);
    if (special.eot == end) special.eot = kNoToken;
  }
  std::sort(ends.begin(), ends.end());
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
  return ends;
}

}  // namespace hearth
