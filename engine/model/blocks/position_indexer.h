// What chooses the positions that a row of attention looks at, where there are more than it may: heads of its
// own, small ones, with one key for each position.
//
// Of DeepSeek V3.2 (DeepSeek-AI 2025) the products of all heads, those below 0 left out, are added with
// weights that come of the row, and its positions are chosen one by one. Of MiniMax M3 (MiniMax 2026) each
// head chooses whole blocks, for one head of keys and values.
#pragma once

#include <array>
#include <cstdint>

#include "engine/model/block.h"

namespace hearth {

struct PositionIndexerSpec {
  int32_t n_head = 0;  // 0: there is none
  int32_t key_dimension = 0;
  int32_t count = 0;        // of blocks that a row looks at, at most
  int32_t block = 1;        // see ChosenPositions, here and below
  int32_t latest = 0;       //
  bool by_head = false;     // each head chooses for itself (MiniMax M3)
  bool chooses = true;      // else what the last layer that does chose (GLM 5.2)
  float epsilon = 1e-6F;    // of the norm of keys, and by head of queries, too
  int64_t q_lora_rank = 0;  // of what queries come of, but by head: that is what attention reads
  RopeSpec rope = {};       // of the first dimensions of queries and keys

  /// Of what layers hand on for it.
  int64_t carried_width() const { return int64_t{by_head ? n_head : 1} * count; }
};

/// What is chosen is Step::carried.
class PositionIndexer {
 public:
  PositionIndexer(const PositionIndexerSpec& spec, const BlockContext& context);

  void tensors(TensorVisitor& visit);
  int64_t workspace_columns() const { return chooses() ? Workspace::columns_of(widths()) : 0; }
  /// Keeps the keys of the rows, of which h is what attention reads, and chooses for those that see too many.
  void forward(const Step& step, Workspace workspace, Tensor h, Tensor query_latent) const;
  /// For AttentionParameters.
  ChosenPositions chosen(const Step& step) const;

 private:
  bool chooses() const { return spec_.n_head > 0 && spec_.chooses; }
  int64_t query_width() const { return int64_t{spec_.n_head} * spec_.key_dimension; }
  std::array<int64_t, 3> widths() const {
    return {spec_.key_dimension, query_width(), spec_.by_head ? 0 : spec_.n_head};
  }
  void leave(TensorVisitor& visit) const;
  void turn(const Step& step, const Norm& norm, Tensor x) const;

  PositionIndexerSpec spec_;
  int64_t n_embd_;
  int32_t keys_ = -1;  // their number in the states
  Weight query_, key_, head_weights_;
  Norm query_norm_, key_norm_;
};

}  // namespace hearth
