#include "engine/runtime/reranker.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <utility>

namespace hearth {
namespace {

/// The pieces of a template, in which {query} and {document} stand for the two.
std::vector<TextPiece> filled_in(std::string_view pattern, std::string_view query,
                                 std::string_view document) {
  const std::pair<std::string_view, std::string_view> values[] = {{"{query}", query},
                                                                  {"{document}", document}};
  std::vector<TextPiece> pieces;
  while (!pattern.empty()) {
    size_t at = pattern.size();
    const std::pair<std::string_view, std::string_view>* next = nullptr;
    for (const auto& value : values) {
      const size_t found = pattern.find(value.first);
      if (found < at) {
        at = found;
        next = &value;
      }
    }
    pieces.push_back({pattern.substr(0, at), true});
    if (next == nullptr) break;
    pieces.push_back({next->second, false});
    pattern.remove_prefix(at + next->first.size());
  }
  return pieces;
}

/// BERT has one separator between two texts, RoBERTa's heirs have two.
bool has_two_separators(const Tokenizer& tokenizer) {
  return tokenizer.token_name(tokenizer.special().sep) == "</s>";
}

}  // namespace

Result<std::vector<TokenId>> rerank_tokens(const Model& model, std::string_view query,
                                           std::string_view document) {
  const Tokenizer& tokenizer = model.tokenizer();
  HEARTH_ASSIGN(const auto pattern, model.file().metadata().string("tokenizer.chat_template.rerank"));
  if (pattern) return tokenizer.encode(filled_in(*pattern, query, document), true);

  const SpecialTokens& special = tokenizer.special();
  if (special.sep == kNoToken) {
    return Error{
        ErrorCode::kUnsupported,
        "this model's vocabulary has no token between a query and a document, and its file no template for "
        "them (tokenizer.chat_template.rerank)"};
  }
  std::vector<TokenId> tokens;
  const auto add = [&](std::initializer_list<TokenId> others) {
    for (const TokenId token : others) {
      if (token != kNoToken) tokens.push_back(token);
    }
  };
  const auto add_text = [&](std::string_view text) {
    const std::vector<TokenId> encoded = tokenizer.encode(text, false, false);
    tokens.insert(tokens.end(), encoded.begin(), encoded.end());
  };
  add({special.bos});
  add_text(query);
  if (has_two_separators(tokenizer)) add({special.eos});
  add({special.sep});
  add_text(document);
  add({special.eos});
  return tokens;
}

Result<std::vector<RankedDocument>> rerank(Scheduler& scheduler, const Model& model, std::string_view query,
                                           std::span<const std::string> documents, const PartOfTexts& part) {
  if (model.network().n_class() == 0) {
    return Error{
        ErrorCode::kUnsupported,
        "this model has no classifier (cls.output.weight), which gives the scores; rerank with a model made "
        "for it, such as bge-reranker, jina-reranker or Qwen3-Reranker"};
  }
  std::vector<std::vector<TokenId>> texts;
  for (const std::string& document : documents) {
    HEARTH_ASSIGN(std::vector<TokenId> tokens, rerank_tokens(model, query, document));
    texts.push_back(std::move(tokens));
  }
  EmbeddingOptions options;
  options.pooling = "rank";
  HEARTH_ASSIGN(const Embeddings scores, scheduler.embed(texts, options, part));
  std::vector<RankedDocument> ranked;
  for (size_t index = 0; index < texts.size(); ++index) {
    const float score = scores.of(index).front();
    const bool is_probability = model.spec().classifier.softmax;
    ranked.push_back({part.first + index, is_probability ? score : 1.0F / (1.0F + std::exp(-score))});
  }
  std::ranges::stable_sort(ranked, std::ranges::greater(), &RankedDocument::score);
  return ranked;
}

}  // namespace hearth
