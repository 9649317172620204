#include "engine/runtime/row_logits.h"

#include <algorithm>

namespace hearth {

size_t most_logit_rows(int32_t n_vocab) {
  return std::max<size_t>(1, (size_t{4} << 20) / static_cast<size_t>(n_vocab));
}

Result<void> RowLogits::begin(Forward& forward, const Batch& batch) {
  hidden_.resize(batch.output_rows.size() * static_cast<size_t>(model_.spec().n_embd()));
  return forward.begin_embeddings(batch, hidden_);
}

Result<void> RowLogits::visit(Forward& forward, const Batch& batch, const Visitor& visitor) {
  const auto n_embd = static_cast<size_t>(model_.spec().n_embd());
  const auto n_vocab = static_cast<size_t>(model_.spec().n_vocab());
  const size_t most = most_logit_rows(model_.spec().n_vocab());
  const size_t outputs = batch.output_rows.size();
  for (size_t first = 0; first < outputs; first += most) {
    const size_t count = std::min(most, outputs - first);
    logits_.resize(count * n_vocab);
    const auto hidden = std::span<const float>(hidden_).subspan(first * n_embd, count * n_embd);
    HEARTH_TRY(forward.begin_logits_of(batch, first, hidden, logits_));
    HEARTH_TRY(forward.device().wait());
    for (size_t row = 0; row < count; ++row) {
      HEARTH_TRY(visitor(first + row, std::span(logits_).subspan(row * n_vocab, n_vocab)));
    }
  }
  return {};
}

}  // namespace hearth
