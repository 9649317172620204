// Texts to vectors, as many in one batch as there is room for.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/model/adapter_set.h"
#include "engine/model/forward.h"
#include "engine/model/states.h"
#include "engine/options/embedding_options.h"
#include "engine/runtime/model.h"
#include "engine/runtime/rows.h"

namespace hearth {

using TokenisedTexts = std::span<const std::vector<TokenId>>;

/// Which texts of a request those of one call are: errors call them by their number in it.
struct PartOfTexts {
  size_t first = 0;
  size_t all = 0;  // 0: the call's are all of them
};

/// Of several texts, one after the other, `width` values each.
struct Embeddings {
  size_t width = 0;
  std::vector<float> values;

  std::span<const float> of(size_t text) const { return std::span(values).subspan(text * width, width); }
};

class Embedder {
 public:
  /// Has so many pages be free, and a slot where states have one size, where that costs others nothing; with
  /// `must`, whatever it costs.
  using MakeRoom = std::function<void(int32_t pages, bool must)>;

  /// All must outlive it; the adapters, nullptr for none, are those that all texts are read with.
  Embedder(const Model& model, Forward& forward, StateStore& states,
           std::shared_ptr<const AdapterSet> adapters, int32_t max_batch_rows, MakeRoom make_room);

  /// The texts are known to be neither empty nor longer than the context. INVALID_ARGUMENT for more
  /// dimensions than there are, and for scores of a model without a classifier; INVALID_MODEL where hidden
  /// states are no finite numbers.
  Result<Embeddings> embed(TokenisedTexts texts, const EmbeddingOptions& options);

 private:
  /// A text of which something was read.
  struct Reading {
    size_t text;
    SequenceState state;
    std::shared_ptr<const AdapterSet> adapters;
  };
  /// The outputs of a batch that are one text's.
  struct Part {
    size_t text;
    size_t first_output, end_output;
  };
  struct Plan {
    Rows rows;
    std::vector<Part> parts;
  };

  Result<Plan> plan(TokenisedTexts texts);
  Result<bool> add(TokenisedTexts texts, Reading& reading, Plan& plan);
  void want_outputs(std::span<const TokenId> tokens, const Reading& reading, int32_t count, Rows& rows) const;
  /// What pooling makes of each text: n_embd values each; the sum where pooling is a mean.
  Result<std::vector<double>> pool(TokenisedTexts texts);
  /// What a text's sum is to be divided by.
  double share_of(std::span<const TokenId> tokens) const;
  Result<Embeddings> score(TokenisedTexts texts, std::span<const double> pooled);
  Embeddings cut(TokenisedTexts texts, std::span<const double> pooled, const EmbeddingOptions& options) const;

  const Model& model_;
  Forward& forward_;
  StateStore& states_;
  std::shared_ptr<const AdapterSet> adapters_;
  size_t max_batch_rows_;
  MakeRoom make_room_;
  size_t width_;                      // of hidden states
  Pooling pooling_ = Pooling::kMean;  // of them: never kRank
  std::vector<Reading> readings_;
  size_t next_ = 0;  // the first text of which nothing was read
};

/// INVALID_MODEL where one is no finite number; `what` they are.
Result<void> require_finite(std::span<const float> values, const char* what);

}  // namespace hearth
