// The logits of a batch's rows, a few rows at a time: of a text that is seen both ways all rows are computed
// at once, and 512 of them are 256 MiB of logits with a vocabulary of 128 Ki.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/model/forward.h"
#include "engine/runtime/model.h"

namespace hearth {

/// Logits of 4 Mi values are 16 MiB: 32 rows of a vocabulary of 128 Ki.
size_t most_logit_rows(int32_t n_vocab);

class RowLogits {
 public:
  /// `model` must outlive it.
  explicit RowLogits(const Model& model) : model_(model) {}

  /// Begins the batch. Fails as Forward::begin_embeddings does.
  Result<void> begin(Forward& forward, const Batch& batch);
  /// `output` is the number of the row among the batch's output rows; the logits may be changed.
  using Visitor = std::function<Result<void>(size_t output, std::span<float> logits)>;
  /// Visits the logits of every output row, when the backend is ready with the batch that was begun.
  Result<void> visit(Forward& forward, const Batch& batch, const Visitor& visitor);

 private:
  const Model& model_;
  std::vector<float> hidden_;  // of all output rows
  std::vector<float> logits_;  // of some
};

}  // namespace hearth
