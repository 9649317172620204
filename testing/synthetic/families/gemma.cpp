// Gemma's later generations.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "testing/synthetic/families/families.h"

namespace hearth {
namespace {

using Integers = SyntheticKey::Integers;
using Numbers = SyntheticKey::Numbers;

/// Of layers that share theirs, files have keys' and values' matrices all the same.
const std::vector<std::string_view> kUnreadKeysAndValues{"attn_k.weight", "attn_v.weight",
                                                         "attn_k_norm.weight"};

/// What normal distributions have below 95 %, and nothing.
constexpr float kSparse = 1.6448533535003662F;
constexpr float kDense = -std::numeric_limits<float>::infinity();

Numbers sparse_layers(size_t sparse, size_t all) {
  Numbers deviations(all, kDense);
  std::fill_n(deviations.begin(), sparse, kSparse);
  return deviations;
}

/// Every fifth layer does not slide.
Integers sliding_layers(int32_t n_layer) {
  Integers slides;
  for (int32_t layer = 0; layer < n_layer; ++layer) slides.push_back(layer % 5 == 4 ? 0 : 1);
  return slides;
}

/// Scores are not scaled by the heads' dimensions, and a deep random model multiplies what rounding differs
/// by: these keep both at bay. The router of the streams is so large that they mix.
const std::vector<SyntheticGain> kGemma3nGains{
    {"attn_q_norm.weight", 0.125F},      {"post_attention_norm.weight", 0.3F},
    {"post_ffw_norm.weight", 0.3F},      {"laurel_post_norm.weight", 0.3F},
    {".post_norm.weight", 0.3F},         {"altup_router.weight", 100.0F},
    {"altup_predict_coef.weight", 0.2F}, {"altup_correct_coef.weight", 0.5F}};

const std::vector<SyntheticGain> kGemma4Gains{{"attn_q_norm.weight", 0.125F}};

SyntheticShape gemma3n(std::string_view name, int32_t n_layer, int32_t n_ff) {
  return {.name = name,
          .architecture = "gemma3n",
          .vocabulary = "gemma",
          .n_vocab = 262144,
          .n_layer = n_layer,
          .n_embd = 2048,
          .n_ff = n_ff,
          .n_head = 8,
          .n_head_kv = 2,
          .head_dimension = 256,
          .context_length = 32768,
          .rope_theta = 1e6F,
          .norm_epsilon = 1e-6F,
          .tied = true,
          .window = 512,
          .final_soft_cap = 30.0F,
          .keys = {{"rope.freq_base_swa", 10000.0F},
                   {"attention.sliding_window_pattern", sliding_layers(n_layer)},
                   {"attention.shared_kv_layers", n_layer - 20},
                   {"activation_sparsity_scale", sparse_layers(10, static_cast<size_t>(n_layer))},
                   {"embedding_length_per_layer_input", 256},
                   {"altup.active_idx", 0},
                   {"altup.num_inputs", 4}},
          .optional_tensors = kUnreadKeysAndValues,
          .gains = kGemma3nGains};
}

}  // namespace

std::vector<SyntheticShape> gemma_shapes() {
  return {
      gemma3n("gemma3n-e2b", 30, 8192),
      gemma3n("gemma3n-e4b", 35, 16384),
      // As many layers with keys and values of their own as all files have, and some behind them.
      {.name = "tiny-gemma3n",
       .architecture = "gemma3n",
       .vocabulary = "gemma",
       .n_vocab = 512,
       .n_layer = 25,
       .n_embd = 256,
       .n_ff = 512,
       .n_head = 4,
       .n_head_kv = 2,
       .head_dimension = 64,
       .context_length = 512,
       .rope_theta = 1e6F,
       .norm_epsilon = 1e-6F,
       .tied = true,
       .window = 16,
       .final_soft_cap = 30.0F,
       .keys = {{"rope.freq_base_swa", 5000.0F},
                {"attention.sliding_window_pattern", sliding_layers(25)},
                {"attention.shared_kv_layers", 5},
                {"activation_sparsity_scale", sparse_layers(10, 25)},
                {"embedding_length_per_layer_input", 256},
                {"altup.active_idx", 0},
                {"altup.num_inputs", 4}},
       .optional_tensors = kUnreadKeysAndValues,
       .gains = kGemma3nGains},
      // None of the keys that have defaults, and an output matrix of its own.
      {.name = "tiny-gemma3n-defaults",
       .architecture = "gemma3n",
       .vocabulary = "gemma",
       .n_vocab = 512,
       .n_layer = 22,
       .n_embd = 256,
       .n_ff = 256,
       .n_head = 4,
       .n_head_kv = 1,
       .head_dimension = 64,
       .context_length = 512,
       .rope_theta = 1e6F,
       .norm_epsilon = 1e-6F,
       .window = 16,
       .optional_tensors = kUnreadKeysAndValues,
       .gains = kGemma3nGains},
      // Vectors of each layer's own; sliding layers with smaller heads and more of them for keys and values;
      // wider networks in the layers that share.
      {.name = "tiny-gemma4",
       .architecture = "gemma4",
       .vocabulary = "gemma",
       .n_vocab = 512,
       .n_layer = 10,
       .n_embd = 256,
       .n_ff = 256,
       .n_head = 4,
       .n_head_kv = 2,
       .head_dimension = 64,
       .context_length = 512,
       .rope_theta = 1e6F,
       .norm_epsilon = 1e-6F,
       .tied = true,
       .rope = SyntheticRope::kLlama3,
       .rope_factor = 8.0F,
       .original_context = 128,
       .window = 16,
       .final_soft_cap = 30.0F,
       .keys = {{"rope.freq_base_swa", 5000.0F},
                {"rope.dimension_count_swa", 32},
                {"attention.key_length_swa", 32},
                {"attention.value_length_swa", 32},
                {"attention.head_count_kv", Integers{2, 2, 2, 2, 1, 2, 2, 2, 2, 1}},
                {"feed_forward_length", Integers{256, 256, 256, 256, 256, 512, 512, 512, 512, 512}},
                {"attention.sliding_window_pattern", sliding_layers(10)},
                {"attention.shared_kv_layers", 5},
                {"embedding_length_per_layer_input", 64}},
       .optional_tensors = {"attn_v.weight", "layer_output_scale.weight"},
       .gains = kGemma4Gains},
      // Without them; the values of layers that see everything are their keys.
      {.name = "tiny-gemma4-dense",
       .architecture = "gemma4",
       .vocabulary = "gemma",
       .n_vocab = 512,
       .n_layer = 5,
       .n_embd = 256,
       .n_ff = 512,
       .n_head = 4,
       .n_head_kv = 2,
       .head_dimension = 128,
       .context_length = 512,
       .rope_theta = 1e6F,
       .norm_epsilon = 1e-6F,
       .rope = SyntheticRope::kLlama3,
       .rope_factor = 8.0F,
       .original_context = 128,
       .window = 16,
       .keys = {{"attention.key_length_swa", 64},
                {"attention.value_length_swa", 64},
                {"rope.dimension_count_swa", 64},
                {"attention.sliding_window_pattern", sliding_layers(5)},
                {"embedding_length_per_layer_input", 0}},
       .optional_tensors = {"attn_v.weight"},
       .absent_tensors = {"blk.4.attn_v.weight"},
       .gains = kGemma4Gains},
      {.name = "tiny-gemma4-experts",
       .architecture = "gemma4",
       .vocabulary = "gemma",
       .n_vocab = 512,
       .n_layer = 5,
       .n_embd = 256,
       .n_ff = 512,
       .n_head = 4,
       .n_head_kv = 2,
       .head_dimension = 64,
       .context_length = 512,
       .rope_theta = 1e6F,
       .norm_epsilon = 1e-6F,
       .tied = true,
       .rope = SyntheticRope::kLlama3,
       .rope_factor = 8.0F,
       .original_context = 128,
       .n_expert = 4,
       .n_expert_used = 2,
       .n_ff_expert = 256,
       .window = 16,
       .final_soft_cap = 30.0F,
       .keys = {{"attention.key_length_swa", 64},
                {"attention.value_length_swa", 64},
                {"attention.sliding_window_pattern", sliding_layers(5)},
                {"embedding_length_per_layer_input", 0}},
       .optional_tensors = {"attn_v.weight", "layer_output_scale.weight", "ffn_gate_up_exps.weight",
                            "ffn_down_exps.scale"},
       .gains = kGemma4Gains},
      {.name = "tiny-gemma-embedding",
       .architecture = "gemma-embedding",
       .vocabulary = "gemma",
       .n_vocab = 512,
       .n_layer = 6,
       .n_embd = 256,
       .n_ff = 512,
       .n_head = 4,
       .n_head_kv = 2,
       .head_dimension = 64,
       .context_length = 512,
       .rope_theta = 1e6F,
       .norm_epsilon = 1e-6F,
       .tied = true,
       .window = 16,
       .pooling = 1,
       .is_encoder = true,
       .keys = {{"attention.sliding_window_pattern", SyntheticKey::Absent{}},
                {"dense_2_feat_in", 256},
                {"dense_2_feat_out", 512},
                {"dense_3_feat_in", 512},
                {"dense_3_feat_out", 256}},
       .optional_tensors = {"ffn_gate.weight", "dense_2.weight", "dense_3.weight"},
       .absent_tensors = {"attn_qkv.weight", ".bias"}},
  };
}

}  // namespace hearth
