// Attention (Vaswani et al. 2017) with grouped heads (Ainslie et al. 2023) and rotary positions (Su et al.
// 2021).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "engine/model/block.h"

namespace hearth {

struct AttentionSpec {
  int32_t n_head = 0;
  int32_t n_head_kv = 0;
  int32_t key_dimension = 0;    // per head, of queries and keys
  int32_t value_dimension = 0;  // per head
  float scale = 0.0F;           // see AttentionParameters, here and below
  float soft_cap = 0.0F;
  int32_t window = 0;
  bool causal = true;
  RopeSpec rope;
  std::optional<NormSpec>
      query_key_norm;               // each head of q and k is normalised before it turns (Qwen 3, Gemma 3)
  bool norms_heads_as_one = false;  // all heads together, where the file has the weights (Jina BERT 2)
  float alibi_bias = 0.0F;  // of the steepest slope: 2^-(bias / n_head), ... (Press et al. 2022); 0: none

  int64_t query_width() const { return int64_t{n_head} * key_dimension; }
  int64_t key_width() const { return int64_t{n_head_kv} * key_dimension; }
  int64_t value_width() const { return int64_t{n_head_kv} * value_dimension; }
  int64_t heads_width() const { return int64_t{n_head} * value_dimension; }
};

class Attention final : public Block {
 public:
  Attention(const AttentionSpec& spec, const BlockContext& context);

  void tensors(TensorVisitor& visit) override;
  int64_t workspace_columns() const override { return Workspace::columns_of(widths()); }
  void forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const override;

 private:
  /// Of queries, keys, values, and what the heads give.
  std::array<int64_t, 4> widths() const {
    return {spec_.query_width(), spec_.key_width(), spec_.value_width(), spec_.heads_width()};
  }

  AttentionSpec spec_;
  int64_t n_embd_;
  int32_t kv_;  // its number in the states
  Linear query_, key_, value_, output_;
  Norm query_norm_, key_norm_;
  std::vector<float> slopes_;
};

inline std::unique_ptr<Block> make_block(const AttentionSpec& spec, const BlockContext& context) {
  return std::make_unique<Attention>(spec, context);
}

}  // namespace hearth
