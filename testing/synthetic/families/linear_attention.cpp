// Convolutions, linear attention and delta rules.
#include "testing/synthetic/families/families.h"

namespace hearth {
namespace {

using Integers = SyntheticKey::Integers;
using Names = std::vector<std::string_view>;

const Names kRwkvBiases = {"norm.bias", "norm_2.bias", "time_mix_ln.bias"};

// clang-format off
std::vector<SyntheticShape> short_convolutions() {
  return {
      {.name = "tiny-lfm2", .architecture = "lfm2", .vocabulary = "llama3",
       .n_vocab = 512, .n_layer = 4, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope_theta = 1000000.0F, .tied = true,
       .keys = {{"attention.head_count_kv", Integers{0, 2, 0, 1}}, {"shortconv.l_cache", 3}}},
      {.name = "tiny-lfm2-window", .architecture = "lfm2", .vocabulary = "llama3",
       .n_vocab = 512, .n_layer = 4, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .window = 16,
       .keys = {{"attention.head_count_kv", Integers{0, 2, 0, 2}}, {"shortconv.l_cache", 4}}},
      {.name = "tiny-lfm2moe", .architecture = "lfm2moe", .vocabulary = "llama3",
       .n_vocab = 512, .n_layer = 4, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .tied = true,
       .n_expert = 8, .n_expert_used = 3, .n_ff_expert = 256,
       .keys = {{"attention.head_count_kv", Integers{0, 2, 0, 2}}, {"shortconv.l_cache", 3},
                {"leading_dense_block_count", 1}, {"expert_gating_func", 2}},
       .optional_tensors = {"exp_probs_b.bias"}},
  };
}

std::vector<SyntheticShape> delta_nets() {
  const std::vector<SyntheticKey> next = {
      {"full_attention_interval", 2}, {"ssm.conv_kernel", 4}, {"ssm.inner_size", 512},
      {"ssm.state_size", 64}, {"ssm.time_step_rank", 8}, {"ssm.group_count", 4},
      {"expert_shared_feed_forward_length", 256}};
  const std::vector<SyntheticKey> dense = {
      {"ssm.conv_kernel", 4}, {"ssm.inner_size", 768}, {"ssm.state_size", 128},
      {"ssm.time_step_rank", 6}, {"ssm.group_count", 2}, {"rope.dimension_sections", Integers{3, 3, 2, 0}}};
  std::vector<SyntheticKey> listed = dense;
  listed.push_back({"attention.recurrent_layers", Integers{1, 0, 0, 1}});
  std::vector<SyntheticKey> mixed = next;
  mixed.push_back({"rope.dimension_sections", Integers{3, 3, 2, 0}});
  return {
      {.name = "tiny-qwen3next", .architecture = "qwen3next", .vocabulary = "qwen",
       .n_vocab = 512, .n_layer = 4, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope_theta = 1000000.0F, .rope_dimensions = 16,
       .n_expert = 8, .n_expert_used = 3, .n_ff_expert = 256, .keys = next},
      {.name = "tiny-qwen3next-one-matrix", .architecture = "qwen3next", .vocabulary = "qwen",
       .n_vocab = 512, .n_layer = 4, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope_dimensions = 16,
       .n_expert = 8, .n_expert_used = 3, .n_ff_expert = 256, .keys = next,
       .optional_tensors = {"ssm_in.weight"}},
      {.name = "tiny-qwen35", .architecture = "qwen35", .vocabulary = "qwen",
       .n_vocab = 512, .n_layer = 4, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope_theta = 1000000.0F, .tied = true,
       .rope_dimensions = 16, .keys = dense},
      {.name = "tiny-qwen35-layers", .architecture = "qwen35", .vocabulary = "qwen",
       .n_vocab = 512, .n_layer = 4, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope_dimensions = 16, .keys = listed},
      {.name = "tiny-qwen35moe", .architecture = "qwen35moe", .vocabulary = "qwen",
       .n_vocab = 512, .n_layer = 4, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope_dimensions = 16,
       .n_expert = 8, .n_expert_used = 3, .n_ff_expert = 256, .keys = mixed},
  };
}

std::vector<SyntheticShape> kimi_shapes() {
  return {
      {.name = "tiny-kimi-linear", .architecture = "kimi-linear", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 4, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 1,
       .head_dimension = 96, .context_length = 512, .rope_dimensions = 32,
       .n_expert = 8, .n_expert_used = 3, .n_ff_expert = 256,
       .keys = {{"attention.head_count_kv", Integers{0, 1, 0, 1}}, {"attention.value_length", 64},
                {"attention.kv_lora_rank", 64}, {"attention.key_length_mla", 96},
                {"attention.value_length_mla", 48}, {"kda.head_dim", 64}, {"ssm.conv_kernel", 4},
                {"leading_dense_block_count", 1}, {"expert_shared_count", 2}, {"expert_gating_func", 2},
                {"expert_weights_scale", 2.5F}},
       .optional_tensors = {"exp_probs_b.bias"}},
  };
}

std::vector<SyntheticShape> rwkv6_shapes() {
  const std::vector<SyntheticKey> keys = {
      {"attention.head_count", 0}, {"attention.head_count_kv", SyntheticKey::Absent()},
      {"attention.key_length", SyntheticKey::Absent()}, {"attention.value_length", SyntheticKey::Absent()},
      {"rope.dimension_count", SyntheticKey::Absent()}, {"wkv.head_size", 64},
      {"time_mix_extra_dim", 32}, {"time_decay_extra_dim", 64}, {"rescale_every_n_layers", 2}};
  std::vector<SyntheticKey> grouped = {
      {"attention.head_count", 0}, {"attention.key_length", SyntheticKey::Absent()},
      {"attention.value_length", SyntheticKey::Absent()}, {"rope.dimension_count", SyntheticKey::Absent()},
      {"wkv.head_size", 64}, {"time_mix_extra_dim", 32}, {"time_decay_extra_dim", 64},
      {"token_shift_count", 1}};
  Names fused = kRwkvBiases;
  fused.push_back("time_mix_lerp_fused.weight");
  return {
      {.name = "tiny-rwkv6", .architecture = "rwkv6", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 4, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 64, .context_length = 512, .layer_norm = true, .keys = keys,
       .optional_tensors = kRwkvBiases},
      {.name = "tiny-rwkv6-fused", .architecture = "rwkv6", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 3, .n_embd = 256, .n_ff = 768, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 64, .context_length = 512, .layer_norm = true, .keys = keys,
       .optional_tensors = fused},
      {.name = "tiny-rwkv6qwen2", .architecture = "rwkv6qwen2", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 3, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .keys = grouped,
       .optional_tensors = {"time_mix_key.bias", "time_mix_value.bias", "time_mix_receptance.bias"}},
  };
}

std::vector<SyntheticShape> rwkv7_shapes() {
  const std::vector<SyntheticKey> keys = {
      {"attention.head_count", 0}, {"attention.head_count_kv", SyntheticKey::Absent()},
      {"attention.key_length", SyntheticKey::Absent()}, {"attention.value_length", SyntheticKey::Absent()},
      {"rope.dimension_count", SyntheticKey::Absent()}, {"wkv.head_size", 64},
      {"attention.decay_lora_rank", 64}, {"attention.iclr_lora_rank", 32},
      {"attention.value_residual_mix_lora_rank", 16}, {"attention.gate_lora_rank", 96}};
  std::vector<SyntheticKey> shifts_once = keys;
  shifts_once.push_back({"token_shift_count", 1});
  return {
      {.name = "tiny-rwkv7", .architecture = "rwkv7", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 3, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 64, .context_length = 512, .layer_norm = true, .keys = keys,
       .optional_tensors = kRwkvBiases},
      {.name = "tiny-arwkv7", .architecture = "arwkv7", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 3, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 64, .context_length = 512, .keys = shifts_once,
       .optional_tensors = {"time_mix_g1.weight", "time_mix_ln.weight", "time_mix_ln.bias"}},
      {.name = "tiny-arwkv7-bare", .architecture = "arwkv7", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 3, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 64, .context_length = 512, .keys = shifts_once,
       .optional_tensors = {"time_mix_g1.weight"}},
  };
}
// clang-format on

}  // namespace

std::vector<SyntheticShape> linear_attention_shapes() {
  std::vector<SyntheticShape> shapes = short_convolutions();
  for (const auto& more : {delta_nets(), kimi_shapes(), rwkv6_shapes(), rwkv7_shapes()}) {
    shapes.insert(shapes.end(), more.begin(), more.end());
  }
  return shapes;
}

}  // namespace hearth
