// Attention (Vaswani et al. 2017) with grouped heads (Ainslie et al. 2023) and rotary positions (Su et al.
// 2021).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/model/block.h"
#include "engine/model/blocks/position_indexer.h"
#include "engine/model/relative_positions.h"

namespace hearth {

/// What queries and keys are normalised by, where they are.
enum class HeadNorm {
  kEach,      // each head on its own, all with the same weights (Qwen 3, Gemma 3)
  kEachOwn,   // each head on its own, with weights of its own (Command R+)
  kAll,       // all heads as one (OLMo 2, Jina BERT 2)
  kEachBare,  // each head on its own, without weights; those of queries are scaled, each by a number (Talkie)
};

/// What opens the heads' results by its sigmoid, or another function, before they are joined (Qiu et al.
/// 2025).
enum class AttentionGate {
  kNone,
  kMatrix,         // of a matrix of its own, one for each number
  kHeads,          // of a matrix of its own, one for each head, where the file has it
  kHeadsOrMatrix,  // either, as wide as the file has it (Laguna)
  kInQueries,      // of the queries' matrix: behind the query of each head stands its gate (Qwen 3 Next)
};

/// Queries grow with their position p, so that attention stays sharp over long texts:
/// 1 + scale * ln(1 + floor((p + offset) / length)) (Llama 4; Nakanishi 2025).
struct AttentionTemperature {
  float scale = 0.0F;  // 0: they do not
  float offset = 0.0F;
  int32_t length = 1;  // in positions
};

/// Lets the step's rows of q grow so.
void grow_with_position(const Step& step, const AttentionTemperature& temperature, Tensor q);

struct AttentionSpec {
  int32_t n_head = 0;
  int32_t n_head_kv = 0;
  int32_t key_dimension = 0;    // per head, of queries and keys
  int32_t value_dimension = 0;  // per head
  float scale = 0.0F;           // see AttentionParameters, here and below
  float soft_cap = 0.0F;
  int32_t window = 0;
  bool causal = true;
  RopeSpec rope;  // of no dimensions: positions turn nothing
  std::optional<NormSpec> query_key_norm;
  HeadNorm head_norm = HeadNorm::kEach;
  bool query_key_norm_is_optional = false;  // only where the file has its weights
  bool turns_before_norm = false;           // else queries and keys are normalised before they turn
  float alibi_bias = 0.0F;  // of the steepest slope: 2^-(bias / n_head), ... (Press et al. 2022); 0: none
  int32_t chunk = 0;        // see AttentionParameters
  bool has_sinks = false;   // as AttentionParameters has them
  bool sinks_are_optional = false;  // only where the file has them
  float clamp = 0.0F;               // of queries, keys and values, to either side; 0: none
  RelativePositions relative = {};  // (T5)
  AttentionGate gate = AttentionGate::kNone;
  Activation gate_activation = Activation::kSigmoid;
  AttentionTemperature temperature = {};
  std::optional<NormSpec> value_norm = {};  // each head of v is normalised, too, without weights (Gemma 3n)
  bool values_may_be_keys = false;  // as they were projected, where the file has no matrix for them (Gemma 4)
  /// Another layer's keys and values, by its number in the states, are read, and none stored (Gemma 3n).
  std::optional<int32_t> shared_kv = {};
  std::optional<NormSpec> output_norm = {};  // of what the heads give (BitNet)
  std::string_view output_name = "attn_output";
  SequencePart part = SequencePart::kAll;  // (encoder_decoder.h)
  PositionIndexerSpec indexer = {};

  int64_t query_width() const { return int64_t{n_head} * key_dimension; }
  int64_t key_width() const { return int64_t{n_head_kv} * key_dimension; }
  int64_t value_width() const { return int64_t{n_head_kv} * value_dimension; }
  int64_t heads_width() const { return int64_t{n_head} * value_dimension; }
};

class Attention final : public Block {
 public:
  Attention(const AttentionSpec& spec, const BlockContext& context);

  void tensors(TensorVisitor& visit) override;
  int64_t workspace_columns() const override {
    return Workspace::columns_of(widths()) + indexer_.workspace_columns();
  }
  void forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const override;

 private:
  /// Queries, keys, values, what the heads give, gates, and queries and gates in one.
  struct Parts {
    Tensor q, k, v, heads, gates, mixed;
  };
  std::array<int64_t, 6> widths() const;
  int64_t gate_width() const;
  void tensors_of_inputs(TensorVisitor& visit);
  void tensors_of_norms(TensorVisitor& visit);
  void tensors_of_gains(TensorVisitor& visit);
  void tensors_of_distances(TensorVisitor& visit);
  std::span<const float> distance_gains() const;
  void project(Backend& backend, Tensor h, const Parts& to) const;
  void normalise(Backend& backend, const Parts& parts) const;
  void normalise(Backend& backend, Tensor heads, const Norm& by) const;
  void turn(const Step& step, const Parts& parts) const;

  AttentionSpec spec_;
  int64_t n_embd_;
  int32_t kv_;  // its number in the states
  Linear query_, key_, value_, gate_, output_;
  Norm query_norm_, key_norm_, output_norm_;
  PositionIndexer indexer_;
  Vector sinks_;
  bool gates_numbers_ = false;  // of AttentionGate::kHeadsOrMatrix: not heads
  std::vector<float> slopes_;
  std::vector<float> own_gains_;  // AttentionParameters::distance_gains; empty: the first layer's
};

inline std::unique_ptr<Block> make_block(const AttentionSpec& spec, const BlockContext& context) {
  return std::make_unique<Attention>(spec, context);
}

}  // namespace hearth
