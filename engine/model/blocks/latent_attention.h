// Latent attention (DeepSeek-AI 2024, "DeepSeek-V2"): the keys and values of all heads come of one small
// vector for each position, beside which a few dimensions that turn are shared by all heads.
//
// A head's key is k = K c and its value v = V c, of the position's latent c. Since q.(K c) = (K^T q).c, and a
// mix of V c is V of the mix of c, queries can be taken to where the latents are, and only these remembered.
// Files with K^T and V apart are computed so ("absorbed"); in those that have them as one matrix, keys and
// values are made of the latents, and remembered.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "engine/model/block.h"
#include "engine/model/blocks/attention.h"
#include "engine/model/blocks/position_indexer.h"

namespace hearth {

struct LatentAttentionSpec {
  int32_t n_head = 0;
  int32_t q_lora_rank = 0;    // of what queries come of, where the file has its matrices; else of the stream
  int32_t kv_lora_rank = 0;   // of the latents that keys and values come of
  int32_t key_dimension = 0;  // per head, with those that turn behind the others
  int32_t value_dimension = 0;  // per head
  bool absorbed = false;
  float scale = 0.0F;  // of scores
  NormSpec norm;       // of both latents
  RopeSpec rope;       // its dimensions are at least 1 fewer than the key's
  bool turns = true;   // else those dimensions stay as they are, too (Kimi Linear)
  AttentionTemperature temperature = {};
  PositionIndexerSpec indexer = {};
};

class LatentAttention final : public Block {
 public:
  LatentAttention(const LatentAttentionSpec& spec, const BlockContext& context);

  void tensors(TensorVisitor& visit) override;
  int64_t workspace_columns() const override;
  void forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const override;

 private:
  /// What a step makes of its rows, whichever way it goes on.
  struct Inputs {
    Tensor query_latent;   // [rows, q_lora_rank]
    Tensor query;          // [rows, n_head * key_dimension]
    Tensor query_turning;  // [rows, n_head * rope.dimensions]
    Tensor latent;         // [rows, kv_lora_rank]
    Tensor key_turning;    // [rows, rope.dimensions]
  };

  int64_t turning() const { return spec_.rope.dimensions; }
  int64_t still() const { return spec_.key_dimension - turning(); }
  int64_t heads_width() const { return int64_t{spec_.n_head} * spec_.value_dimension; }
  std::array<int64_t, 6> widths() const;
  std::array<int64_t, 4> absorbed_widths() const;
  std::array<int64_t, 3> expanded_widths() const;
  StatePlan::KvShape kv_shape() const;

  void read(const Step& step, Tensor h, const Inputs& inputs) const;
  void attend_to_latents(const Step& step, Workspace workspace, const Inputs& inputs, Tensor heads) const;
  void attend_to_heads(const Step& step, Workspace workspace, const Inputs& inputs, Tensor heads) const;
  void attend(const Step& step, Tensor query, Tensor key, Tensor value, Tensor out) const;

  LatentAttentionSpec spec_;
  int64_t n_embd_;
  int32_t kv_;  // its number in the states
  Weight query_down_, query_, latent_, key_turning_, output_;
  Weight key_absorbed_, value_;  // K^T and V of each head
  Weight key_value_;             // each head's K, then its V
  Norm query_norm_, latent_norm_;
  PositionIndexer indexer_;
};

inline std::unique_ptr<Block> make_block(const LatentAttentionSpec& spec, const BlockContext& context) {
  return std::make_unique<LatentAttention>(spec, context);
}

}  // namespace hearth
