// The reference vocabularies of the shared test data, as tokenizers. Test code only.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/base/testdata.h"
#include "engine/format/gguf.h"
#include "engine/text/bpe_tokenizer.h"
#include "engine/text/tokenizer.h"

namespace hearth::testing {

inline std::string read_text_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Cuts at every `separator`; nothing follows a separator at the very end.
inline std::vector<std::string> split_text(const std::string& text, const std::string& separator) {
  std::vector<std::string> parts;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(separator, at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + separator.size();
  }
  return parts;
}

/// A vocabulary as Hugging Face keeps it: a JSON object from token to id, and a file of merges.
inline Result<std::unique_ptr<const Tokenizer>> load_json_vocabulary(const std::filesystem::path& vocabulary,
                                                                     const std::filesystem::path& merges,
                                                                     const std::string& pre) {
  const auto ids = nlohmann::json::parse(read_text_file(vocabulary), nullptr, false);
  std::vector<std::string> tokens(ids.size());
  for (const auto& [token, id] : ids.items()) tokens.at(id.get<size_t>()) = token;

  TokenizerData data;
  data.pre = pre;
  for (const std::string& token : tokens) data.vocabulary.add(token, TokenType::kNormal);
  std::vector<std::string> lines = split_text(read_text_file(merges), "\n");
  if (lines[0].starts_with("#version")) lines.erase(lines.begin());
  data.merges.assign(lines.begin(), lines.end());
  return make_bpe_tokenizer(std::move(data));
}

/// The vocabulary of `tokenizers/ggml-vocab-<name>.gguf`, or of `vocabs/` for those that have only cases.
inline Result<std::unique_ptr<const Tokenizer>> load_reference_tokenizer(const std::string& name) {
  const auto folder = testdata() / "tokenizers";
  const auto vocabs = folder / "vocabs";
  if (name == "llama-bpe") {
    return load_json_vocabulary(vocabs / "llama3-hf/encoder.json", vocabs / "llama3-hf/vocab.bpe", name);
  }
  if (name == "qwen2") {
    return load_json_vocabulary(vocabs / "qwen2/vocab.json", vocabs / "qwen2/merges.txt", name);
  }
  HEARTH_ASSIGN(auto source, map_file(folder / ("ggml-vocab-" + name + ".gguf")));
  HEARTH_ASSIGN(const Gguf gguf, Gguf::parse(std::move(source)));
  return Tokenizer::from_gguf(gguf);
}

}  // namespace hearth::testing
