#include "engine/runtime/step_outputs.h"

#include <algorithm>

namespace hearth {

Result<void> StepOutputs::begin(Forward& forward, const Batch& batch, const std::vector<bool>& wants_all) {
  const size_t rows = batch.output_rows.size();
  has_logits_.assign(rows, false);
  HEARTH_TRY(forward.compute_logits(batch));
  bool has_highest = false;
  if (std::ranges::find(wants_all, false) != wants_all.end()) {
    highest_.resize(rows);
    has_highest = forward.begin_highest(model_.tokenizer().vocabulary_size(), highest_);
  }
  const auto is_wanted = [&](size_t row) { return !has_highest || wants_all[row]; };
  for (size_t row = 0; row < rows;) {
    size_t count = 0;
    while (row + count < rows && is_wanted(row + count)) ++count;
    if (count > 0) begin_logits(forward, row, count);
    row += count + 1;
  }
  return {};
}

void StepOutputs::begin_logits(const Forward& forward, size_t first, size_t count) {
  // Room for all rows at once: what is being read must stay where it is.
  const size_t size = has_logits_.size() * n_vocab();
  if (logits_.size() < size) logits_.resize(size);
  std::fill_n(has_logits_.begin() + static_cast<ptrdiff_t>(first), count, true);
  forward.begin_read_logits(first, std::span(logits_).subspan(first * n_vocab(), count * n_vocab()));
}

std::span<float> StepOutputs::logits(size_t row) {
  if (!has_logits_[row]) return {};
  return std::span(logits_).subspan(row * n_vocab(), n_vocab());
}

}  // namespace hearth
