// The forward pass: tokens in, logits (or embeddings) out. Read forward.cpp top to bottom like the paper.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/compute/backend.h"
#include "engine/model/kv_cache.h"
#include "engine/model/rope_table.h"
#include "engine/model/spec.h"
#include "engine/model/weights.h"

namespace hearth {

/// Tokens to run together, of one or many sequences. Row r is `tokens[r]` at `rows.positions[r]`; the rows of
/// a sequence stand in order and continue what its pages hold, which must have room for them already.
struct Batch {
  std::span<const int32_t> tokens;
  BatchRows rows;
  std::span<const int32_t> output_rows;  // rows whose results are wanted, in this order
};

class Forward {
 public:
  /// All must outlive it. `context_size` decides between longrope's short and long factors.
  static Result<std::unique_ptr<Forward>> create(const ModelSpec& spec, const Weights& weights,
                                                 Backend& backend, KvCache& cache, int64_t context_size);
  ~Forward();

  /// Appends the batch to the cache. `logits` receives n_vocab values per output row; it may be empty when
  /// there is none. Tokens must be in [0, n_vocab). OUT_OF_MEMORY; DEVICE_LOST.
  Result<void> logits(const Batch& batch, std::span<float> logits);
  /// The same, giving the final hidden state (after the last norm), n_embd values per output row.
  Result<void> embeddings(const Batch& batch, std::span<float> embeddings);

 private:
  /// Activations of one batch, allocated for the largest so far.
  struct Workspace {
    Tensor x;        // the residual stream [rows, n_embd]
    Tensor h;        // normalised input of a block [rows, n_embd]
    Tensor q, k, v;  // [rows, heads * head dimension]
    Tensor heads;    // attention's output before its projection
    Tensor hidden;   // feed-forward's inner activations [rows, n_ff]
    Tensor update;   // what a block adds to x [rows, n_embd]
    Tensor outputs;  // wanted rows of x [output rows, n_embd]
    Tensor logits;   // [output rows, n_vocab]
  };

  Forward(const ModelSpec& spec, const Weights& weights, Backend& backend, KvCache& cache)
      : spec_(spec), weights_(weights), backend_(backend), cache_(cache) {}

  Result<void> hidden_states(const Batch& batch);
  void attention(const Batch& batch, int32_t index, const LayerWeights& layer, Workspace& at);
  void feed_forward(const LayerWeights& layer, Workspace& at);
  Result<void> reserve(int64_t rows, int64_t outputs);
  Result<void> grow(Tensor& tensor, int64_t rows, int64_t columns);

  const ModelSpec& spec_;
  const Weights& weights_;
  Backend& backend_;
  KvCache& cache_;
  RopeTable rope_;
  RopeTable sliding_rope_;
  Workspace workspace_;
};

}  // namespace hearth
