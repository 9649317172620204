// Published models that remember texts in states of one size, small ones: what measures speed runs them.
#include "testing/synthetic/families/families.h"

namespace hearth {
namespace {

using Absent = SyntheticKey::Absent;
using Integers = SyntheticKey::Integers;

/// Of models without heads of attention.
std::vector<SyntheticKey> without_attention(std::vector<SyntheticKey> keys) {
  keys.insert(keys.end(), {{"attention.head_count", 0},
                           {"attention.head_count_kv", Absent()},
                           {"attention.key_length", Absent()},
                           {"attention.value_length", Absent()},
                           {"rope.dimension_count", Absent()},
                           {"rope.freq_base", Absent()}});
  return keys;
}

/// Keys and values are in the layers named, of so many.
Integers heads_in(int32_t n_layer, int32_t n_head_kv, const std::vector<size_t>& layers) {
  Integers heads(static_cast<size_t>(n_layer), 0);
  for (const size_t layer : layers) heads[layer] = n_head_kv;
  return heads;
}

}  // namespace

// clang-format off
std::vector<SyntheticShape> published_state_shapes() {
  return {
      {.name = "mamba-130m", .architecture = "mamba", .vocabulary = "phi2",
       .n_vocab = 50280, .n_layer = 24, .n_embd = 768, .n_ff = 768, .n_head = 1, .n_head_kv = 1,
       .head_dimension = 64, .context_length = 1048576, .tied = true,
       .keys = without_attention({{"feed_forward_length", 0}, {"ssm.conv_kernel", 4}, {"ssm.inner_size", 1536}, {"ssm.state_size", 16},
                                  {"ssm.time_step_rank", 48}}),
       .optional_tensors = {"ssm_conv1d.bias", "ssm_dt.bias"}},
      {.name = "mamba2-130m", .architecture = "mamba2", .vocabulary = "phi2",
       .n_vocab = 50288, .n_layer = 24, .n_embd = 768, .n_ff = 768, .n_head = 1, .n_head_kv = 1,
       .head_dimension = 64, .context_length = 1048576, .tied = true,
       .keys = without_attention({{"feed_forward_length", 0}, {"ssm.conv_kernel", 4}, {"ssm.inner_size", 1536}, {"ssm.state_size", 128},
                                  {"ssm.time_step_rank", 24}, {"ssm.group_count", 1}}),
       .optional_tensors = {"ssm_conv1d.bias"}},
      {.name = "granite-4.0-h-350m", .architecture = "granitehybrid", .vocabulary = "phi4",
       .n_vocab = 100352, .n_layer = 32, .n_embd = 768, .n_ff = 2048, .n_head = 12, .n_head_kv = 4,
       .head_dimension = 64, .context_length = 32768, .tied = true,
       .keys = {{"attention.head_count_kv", heads_in(32, 4, {10, 13, 17, 27})},
                {"ssm.conv_kernel", 4}, {"ssm.inner_size", 1536}, {"ssm.state_size", 128},
                {"ssm.time_step_rank", 48}, {"ssm.group_count", 1}, {"embedding_scale", 12.0F},
                {"residual_scale", 0.246F}, {"attention.scale", 0.015625F}, {"logit_scale", 3.0F},
                {"rope.scaling.finetuned", false}},
       .optional_tensors = {"ssm_conv1d.bias"}},
      {.name = "qwen3.5-0.8b", .architecture = "qwen35", .vocabulary = "qwen",
       .n_vocab = 248320, .n_layer = 24, .n_embd = 1024, .n_ff = 3584, .n_head = 8, .n_head_kv = 2,
       .head_dimension = 256, .context_length = 262144, .rope_theta = 10000000.0F, .norm_epsilon = 1e-6F,
       .tied = true, .rope_dimensions = 64,
       .keys = {{"full_attention_interval", 4}, {"ssm.conv_kernel", 4}, {"ssm.inner_size", 2048},
                {"ssm.state_size", 128}, {"ssm.time_step_rank", 16}, {"ssm.group_count", 16},
                {"rope.dimension_sections", Integers{11, 11, 10, 0}}}},
      {.name = "lfm2-350m", .architecture = "lfm2", .vocabulary = "llama3",
       .n_vocab = 65536, .n_layer = 16, .n_embd = 1024, .n_ff = 4608, .n_head = 16, .n_head_kv = 8,
       .head_dimension = 64, .context_length = 128000, .rope_theta = 1000000.0F, .tied = true,
       .keys = {{"attention.head_count_kv", heads_in(16, 8, {2, 5, 8, 10, 12, 14})},
                {"shortconv.l_cache", 3}}},
      {.name = "rwkv7-0.4b", .architecture = "rwkv7", .vocabulary = "rwkv",
       .n_vocab = 65536, .n_layer = 24, .n_embd = 1024, .n_ff = 4096, .n_head = 16, .n_head_kv = 16,
       .head_dimension = 64, .context_length = 4096, .layer_norm = true,
       .keys = without_attention({{"wkv.head_size", 64}, {"attention.decay_lora_rank", 64},
                                  {"attention.iclr_lora_rank", 64},
                                  {"attention.value_residual_mix_lora_rank", 32},
                                  {"attention.gate_lora_rank", 128}}),
       .optional_tensors = {"norm.bias", "norm_2.bias", "time_mix_ln.bias"}},
  };
}
// clang-format on

}  // namespace hearth
