#include "engine/model/forward.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace hearth {

Forward::Forward(const Network& network, WeightStore& weights, StateStore& states, int64_t context_size,
                 Backend* device)
    : network_(network),
      weights_(weights),
      states_(states),
      backend_(device != nullptr ? *device : states.backend()),
      ropes_(network.rope_factors(), context_size),
      adapted_(backend_) {}

Forward::~Forward() {
  backend_.release(rows_.memory);
  backend_.release(outputs_.memory);
}

Result<void> Forward::begin_embeddings(const Batch& batch, std::span<float> embeddings) {
  const auto output_rows = static_cast<int64_t>(batch.output_rows.size());
  const std::array widths{network_.n_embd()};
  HEARTH_TRY(reserve(outputs_, output_rows, Workspace::columns_of(widths)));
  const auto [hidden] = Workspace(outputs_.memory, output_rows).take(widths);
  HEARTH_TRY(run(batch, hidden));
  if (output_rows > 0) backend_.begin_read(hidden.data, std::as_writable_bytes(embeddings));
  return {};
}

Result<void> Forward::begin_logits(const Batch& batch, std::span<float> logits) {
  HEARTH_TRY(compute_logits(batch));
  if (!batch.output_rows.empty()) begin_read_logits(0, logits);
  return {};
}

Result<void> Forward::compute_logits(const Batch& batch) {
  const auto output_rows = static_cast<int64_t>(batch.output_rows.size());
  constexpr auto kHighestColumns = static_cast<int64_t>(sizeof(Highest) / sizeof(float));
  const std::array widths{network_.n_embd(), network_.n_vocab(), kHighestColumns};
  HEARTH_TRY(reserve(outputs_, output_rows, Workspace::columns_of(widths)));
  const auto [hidden, logits, highest] = Workspace(outputs_.memory, output_rows).take(widths);
  logits_ = logits;
  highest_ = highest;
  HEARTH_TRY(run(batch, hidden));
  return output_rows == 0 ? Result<void>() : run_logits(batch, 0, hidden, logits);
}

void Forward::begin_read_logits(size_t first, std::span<float> logits) const {
  const Tensor rows = logits_.slice_rows(static_cast<int64_t>(first), std::ssize(logits) / logits_.columns);
  backend_.begin_read(rows.data, std::as_writable_bytes(logits));
}

bool Forward::begin_highest(int64_t n_known, std::span<Highest> highest) const {
  if (!backend_.find_highest(logits_, std::min(n_known, logits_.columns), highest_)) return false;
  backend_.begin_read(highest_.data, std::as_writable_bytes(highest));
  return true;
}

Result<void> Forward::begin_logits_of(const Batch& batch, size_t first, std::span<const float> hidden,
                                      std::span<float> logits) {
  const int64_t rows = std::ssize(hidden) / network_.n_embd();
  const std::array widths{network_.n_embd(), network_.n_vocab()};
  HEARTH_TRY(reserve(outputs_, rows, Workspace::columns_of(widths)));
  const auto [states, scores] = Workspace(outputs_.memory, rows).take(widths);
  backend_.write(std::as_bytes(hidden), states.data);
  HEARTH_TRY(run_logits(batch, first, states, scores));
  backend_.begin_read(scores.data, std::as_writable_bytes(logits));
  return {};
}

Result<void> Forward::begin_scores(std::span<const float> pooled, std::span<float> scores) {
  const int64_t rows = std::ssize(pooled) / network_.n_embd();
  const std::array widths{network_.n_embd(), network_.n_embd(), network_.n_class()};
  HEARTH_TRY(reserve(outputs_, rows, Workspace::columns_of(widths)));
  const auto [vectors, room, values] = Workspace(outputs_.memory, rows).take(widths);
  backend_.write(std::as_bytes(pooled), vectors.data);
  network_.classify(backend_, vectors, room, values);
  backend_.begin_read(values.data, std::as_writable_bytes(scores));
  return {};
}

template <typename Run>
Result<void> Forward::with_adapters(const Batch& batch, std::span<const int32_t> sequences,
                                    std::span<const int32_t> positions, const Run& run) {
  const bool is_adapted = !batch.adapters.empty();
  if (is_adapted) adapted_.begin(sequences, positions, batch.adapters);
  Backend& backend = is_adapted ? static_cast<Backend&>(adapted_) : backend_;
  HEARTH_TRY(run(Step{backend, batch, weights_, states_, ropes_}));
  return is_adapted ? adapted_.outcome() : Result<void>();
}

Result<void> Forward::run(const Batch& batch, Tensor hidden) {
  const auto rows = static_cast<int64_t>(batch.tokens.size());
  HEARTH_TRY(reserve(rows_, rows, network_.workspace_columns()));
  return with_adapters(batch, batch.rows.sequences, batch.rows.positions, [&](const Step& step) {
    return network_.hidden_states(step, Workspace(rows_.memory, rows), hidden);
  });
}

Result<void> Forward::run_logits(const Batch& batch, size_t first, Tensor hidden, Tensor logits) {
  std::vector<int32_t> sequences, positions;
  for (const int32_t row : batch.output_rows.subspan(first, static_cast<size_t>(hidden.rows))) {
    sequences.push_back(batch.rows.sequences[static_cast<size_t>(row)]);
    positions.push_back(batch.rows.positions[static_cast<size_t>(row)]);
  }
  return with_adapters(batch, sequences, positions, [&](const Step& step) -> Result<void> {
    network_.logits(step, hidden, logits);
    return {};
  });
}

/// What the room held is lost when it grows.
Result<void> Forward::reserve(Room& room, int64_t rows, int64_t columns) {
  const uint64_t bytes = static_cast<uint64_t>(rows) * static_cast<uint64_t>(columns) * sizeof(float);
  if (bytes <= room.bytes) return {};
  backend_.release(std::exchange(room, {}).memory);
  const Result<Buffer> memory = backend_.allocate(bytes);
  if (!memory.ok()) {
    return Error{memory.error().code,
                 fmt::format("no memory for the activations of {} rows ({} bytes); use a smaller batch or "
                             "context",
                             rows, bytes)};
  }
  room = {*memory, bytes};
  return {};
}

}  // namespace hearth
