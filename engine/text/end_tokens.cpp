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
    "<turn|>",                // Gemma 4
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
    "<|eom_id|>",                                                              // Llama 3.1
    "<|return|>",   "<|call|>",                                                // gpt-oss
    "<|flush|>",    "<|calls|>",                                               // Solar Open
    "</s>",                                                                    // SentencePiece
    "<eos>",        "<|tool_response>",                                        // Gemma, Gemma 4
    "[EOS]",                                                                   // Kimi-K2
    "[e~[",                                                                    // MiniMax-M2
    "<|fim_pad|>",  "<fim-pad>",        "<fim_pad>",  "<PAD>",  "[PAD]",       // infilling: padding
    "<|fim_repo|>", "<|repo_name|>",    "<fim-repo>", "<REPO>", "<reponame>",  // infilling: repository
    "<|file_sep|>",                                                            // infilling: next file
};

/// Whether <|end|> ends only a part of an answer, which goes on after it: gpt-oss, Solar Open.
bool goes_on_after_end(const Vocabulary& vocabulary) {
  const auto has = [&](std::string_view name) { return vocabulary.find(name) != kNoToken; };
  return (has("<|call|>") || has("<|calls|>")) && (has("<|return|>") || has("<|flush|>"));
}

/// Whether </s> is markup as any other in a vocabulary with an end of its own: Gemma 4.
bool strikes_out(const Vocabulary& vocabulary, std::string_view name) {
  return name == "</s>" && vocabulary.find("<|tool_response>") != kNoToken;
}

}  // namespace

std::vector<TokenId> find_end_tokens(Vocabulary& vocabulary, SpecialTokens& special,
                                     std::span<const TokenId> also) {
  std::vector<TokenId> ends;
  const auto add = [&](TokenId token) {
    if (token != kNoToken) ends.push_back(token);
  };
  // RWKV's files name the empty line, which texts have in them: such a token stays what it is.
  add(special.eot);
  for (const TokenId token : also) add(token);
  const auto add_control = [&](TokenId token) {
    add(token);
    if (token != kNoToken) vocabulary.set_type(token, TokenType::kControl);
  };
  for (const std::string_view name : kEndOfTurn) {
    const TokenId token = vocabulary.find(name);
    if (special.eot == kNoToken) special.eot = token;
    add_control(token);
  }
  for (const std::string_view name : kOtherEnds) {
    if (!strikes_out(vocabulary, name)) add_control(vocabulary.find(name));
  }
  add_control(special.eos);

  if (goes_on_after_end(vocabulary)) {
    const TokenId end = vocabulary.find("<|end|>");
    std::erase(ends, end);
    if (special.eot == end) special.eot = kNoToken;
  }
  std::sort(ends.begin(), ends.end());
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
  return ends;
}

}  // namespace hearth
