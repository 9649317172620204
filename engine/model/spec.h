// What a model is, as data: the hyperparameters and the choices in which transformer families differ.
//
// A family's file (engine/model/families) fills one in from a GGUF's metadata; `forward` runs any of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/compute/backend.h"

namespace hearth {

/// How positions become angles, before it is known how long the context will be (rope_table.h).
struct RopeSpec {
  RopePairs pairs = RopePairs::kAdjacent;
  int32_t dimensions = 0;        // of each head that turn; even
  float theta_base = 10000.0F;   // pair i turns by position * theta_base^(-2i / dimensions)
  float frequency_scale = 1.0F;  // linear scaling (Chen et al. 2023): all frequencies times this, 1 / factor
  bool yarn = false;             // blend scaled and unscaled frequencies by wavelength (Peng et al. 2023)
  float yarn_beta_fast = 32.0F;  // turns within the original context above which a frequency stays unscaled
  float yarn_beta_slow = 1.0F;   // and below which it is fully scaled
  int32_t original_context = 0;  // length trained at, before any extension
  float attention_factor = 1.0F;
};

enum class FeedForward {
  kGated,   // down(activation(gate(x)) * up(x))
  kPlain,   // down(activation(up(x)))
  kExperts  // a mixture of gated ones
};

struct ModelSpec {
  std::string architecture;
  int32_t n_layer = 0;
  int32_t n_vocab = 0;
  int32_t context_length = 0;  // positions the model was trained for
  int64_t n_embd = 0;
  int64_t n_ff = 0;
  int32_t n_head = 0;
  int32_t n_head_kv = 0;
  int32_t key_dimension = 0;    // per head, of queries and keys
  int32_t value_dimension = 0;  // per head

  NormKind norm = NormKind::kRms;
  float norm_epsilon = 1e-5F;
  bool query_key_norm = false;  // each head of q and k is normalised before it turns (Qwen 3, Gemma 3)
  bool post_norms =
      false;  // attention's and feed-forward's outputs are normalised before they are added (Gemma 2, 3)
  bool parallel_residual = false;  // attention and feed-forward read the same normalised input (Phi 2)

  float embedding_scale = 1.0F;
  float attention_scale = 0.0F;
  float attention_soft_cap = 0.0F;  // 0: none
  float final_soft_cap = 0.0F;      // of the logits; 0: none

  RopeSpec rope;
  RopeSpec sliding_rope;         // of sliding layers
  int32_t window = 0;            // of sliding layers
  std::vector<bool> is_sliding;  // per layer; empty: none slides

  FeedForward feed_forward = FeedForward::kGated;
  Activation activation = Activation::kSilu;
  ExpertParameters experts;

  bool sliding(int32_t layer) const { return !is_sliding.empty() && is_sliding[static_cast<size_t>(layer)]; }
  int64_t query_width() const { return int64_t{n_head} * key_dimension; }
  int64_t key_width() const { return int64_t{n_head_kv} * key_dimension; }
  int64_t value_width() const { return int64_t{n_head_kv} * value_dimension; }
  int64_t attention_width() const { return int64_t{n_head} * value_dimension; }
};

}  // namespace hearth
