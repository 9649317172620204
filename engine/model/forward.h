// Runs a network: batches of tokens in, logits or embeddings out. Read decoder.cpp, layer.cpp and blocks/
// like the paper.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "engine/base/result.h"
#include "engine/compute/backend.h"
#include "engine/compute/highest.h"
#include "engine/model/adapted_backend.h"
#include "engine/model/network.h"

namespace hearth {

class Forward {
 public:
  /// All must outlive it. `context_size` decides between longrope's short and long factors. Computes on the
  /// states' device, through `device` where there is one, which passes on to it what it is asked for.
  Forward(const Network& network, WeightStore& weights, StateStore& states, int64_t context_size,
          Backend* device = nullptr);
  ~Forward();
  Forward(const Forward&) = delete;
  Forward& operator=(const Forward&) = delete;

  /// What it computes on.
  Backend& device() const { return backend_; }

  /// Appends the batch to the states, and has `logits` receive n_vocab values per output row; it may be empty
  /// when there is none. They are there, and `logits` may go, when the backend is ready. Tokens must be in
  /// [0, n_vocab). OUT_OF_MEMORY; IO where weights could not be read.
  Result<void> begin_logits(const Batch& batch, std::span<float> logits);
  /// The same in two: computes them, to stay on the device until anything else is begun,
  Result<void> compute_logits(const Batch& batch);
  /// and has `logits` receive those of the output rows from `first` on.
  void begin_read_logits(size_t first, std::span<float> logits) const;
  /// Of these logits has `highest` receive, for each output row, the highest of the first `n_known`. False,
  /// and nothing begun, where the device leaves that to whoever reads them.
  bool begin_highest(int64_t n_known, std::span<Highest> highest) const;
  /// The same, giving the final hidden state (after the last norm), n_embd values per output row.
  Result<void> begin_embeddings(const Batch& batch, std::span<float> embeddings);
  /// Has `logits` receive those of the batch's output rows from `first` on, of which `hidden` has the final
  /// hidden states, as begin_embeddings gave them. OUT_OF_MEMORY.
  Result<void> begin_logits_of(const Batch& batch, size_t first, std::span<const float> hidden,
                               std::span<float> logits);
  /// Has `scores` receive n_class values for each of the vectors `pooled`, n_embd values each. OUT_OF_MEMORY.
  Result<void> begin_scores(std::span<const float> pooled, std::span<float> scores);

 private:
  /// Memory that grows to what the largest batch so far needed.
  struct Room {
    Buffer memory;
    uint64_t bytes = 0;
  };
  Result<void> reserve(Room& room, int64_t rows, int64_t columns);
  /// `hidden` receives the final hidden states of the output rows.
  Result<void> run(const Batch& batch, Tensor hidden);
  /// Of the output rows from `first` on, as many as `hidden` has.
  Result<void> run_logits(const Batch& batch, size_t first, Tensor hidden, Tensor logits);
  /// On the device as the rows' adapters have it, where they have any; `sequences` are those of the rows.
  template <typename Run>
  Result<void> with_adapters(const Batch& batch, std::span<const int32_t> sequences,
                             std::span<const int32_t> positions, const Run& run);

  const Network& network_;
  WeightStore& weights_;
  StateStore& states_;
  Backend& backend_;
  RopeTables ropes_;
  Room rows_, outputs_;
  Tensor logits_, highest_;  // in outputs_, of the output rows whose logits were computed last
  AdaptedBackend adapted_;
};

}  // namespace hearth
