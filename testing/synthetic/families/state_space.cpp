// State spaces, alone and beside attention.
#include "testing/synthetic/families/families.h"

namespace hearth {
namespace {

constexpr SyntheticKey::Absent kAbsent;

SyntheticShape shape_of(std::string_view name, std::string_view architecture, int32_t n_layer) {
  SyntheticShape shape;
  shape.name = name;
  shape.architecture = architecture;
  shape.vocabulary = "llama2";
  shape.n_vocab = 512;
  shape.n_layer = n_layer;
  shape.n_embd = 256;
  shape.n_ff = 512;
  shape.n_head = 4;
  shape.n_head_kv = 2;
  shape.head_dimension = 64;
  shape.context_length = 512;
  return shape;
}

void add(SyntheticShape& shape, std::vector<SyntheticKey> keys, std::vector<std::string_view> tensors = {}) {
  shape.keys.insert(shape.keys.end(), keys.begin(), keys.end());
  shape.optional_tensors.insert(shape.optional_tensors.end(), tensors.begin(), tensors.end());
}

/// Without heads, feed-forward networks and whatever belongs to them.
SyntheticShape alone(SyntheticShape shape) {
  add(shape, {{"feed_forward_length", 0},
              {"attention.head_count", 0},
              {"attention.head_count_kv", kAbsent},
              {"attention.key_length", kAbsent},
              {"attention.value_length", kAbsent},
              {"rope.dimension_count", kAbsent},
              {"rope.freq_base", kAbsent}});
  return shape;
}

SyntheticShape with_mamba(SyntheticShape shape, int32_t n_step) {
  add(shape,
      {{"ssm.conv_kernel", 4},
       {"ssm.inner_size", 512},
       {"ssm.state_size", 16},
       {"ssm.time_step_rank", n_step}},
      {"ssm_conv1d.bias", "ssm_dt.bias"});
  return shape;
}

SyntheticShape with_mamba2(SyntheticShape shape, int32_t n_inner, int32_t n_group) {
  add(shape,
      {{"ssm.conv_kernel", 4},
       {"ssm.inner_size", n_inner},
       {"ssm.state_size", 64},
       {"ssm.time_step_rank", n_inner / 64},
       {"ssm.group_count", n_group}},
      {"ssm_conv1d.bias"});
  return shape;
}

SyntheticShape falcon_mamba() {
  SyntheticShape shape = with_mamba(alone(shape_of("tiny-mamba-falcon", "mamba", 2)), 16);
  add(shape, {{"ssm.dt_b_c_rms", true}});
  return shape;
}

/// Attention in the third layer of four; experts in the second and the fourth.
SyntheticShape jamba() {
  SyntheticShape shape = with_mamba(shape_of("tiny-jamba", "jamba", 4), 16);
  shape.n_expert = 4;
  shape.n_expert_used = 2;
  add(shape, {{"attention.head_count_kv", SyntheticKey::Integers{0, 0, 2, 0}}},
      {"1.ffn_gate_inp.weight", "3.ffn_gate_inp.weight"});
  return shape;
}

SyntheticShape jamba_without_experts() {
  SyntheticShape shape = with_mamba(shape_of("tiny-jamba-dense", "jamba", 3), 16);
  add(shape, {{"attention.head_count_kv", SyntheticKey::Integers{0, 1, 0}}});
  return shape;
}

SyntheticShape falcon_h1() {
  SyntheticShape shape = with_mamba2(shape_of("tiny-falcon-h1", "falcon-h1", 2), 384, 2);
  add(shape, {}, {"ssm_norm.weight", "ffn_norm", "attn_q.bias", "attn_k.bias", "attn_v.bias"});
  return shape;
}

SyntheticShape falcon_h1_without_norm() {
  SyntheticShape shape = with_mamba2(shape_of("tiny-falcon-h1-bare", "falcon-h1", 2), 512, 1);
  add(shape, {}, {"ffn_norm"});
  return shape;
}

SyntheticShape granite_hybrid() {
  SyntheticShape shape = with_mamba2(shape_of("tiny-granitehybrid", "granitehybrid", 4), 512, 1);
  shape.n_expert = 8;
  shape.n_expert_used = 3;
  add(shape, {{"attention.head_count_kv", SyntheticKey::Integers{0, 0, 2, 0}},
              {"expert_shared_feed_forward_length", 256},
              {"embedding_scale", 3.0F},
              {"residual_scale", 0.4F},
              {"attention.scale", 0.25F},
              {"logit_scale", 2.0F},
              {"rope.scaling.finetuned", false}});
  return shape;
}

SyntheticShape granite_hybrid_dense() {
  SyntheticShape shape = with_mamba2(shape_of("tiny-granitehybrid-dense", "granitehybrid", 3), 512, 2);
  add(shape, {{"attention.head_count_kv", SyntheticKey::Integers{0, 2, 0}}});
  return shape;
}

SyntheticShape nemotron_h() {
  SyntheticShape shape = with_mamba2(shape_of("tiny-nemotron_h", "nemotron_h", 5), 512, 4);
  add(shape,
      {{"attention.head_count_kv", SyntheticKey::Integers{0, 0, 2, 0, 0}},
       {"feed_forward_length", SyntheticKey::Integers{0, 512, 0, 768, 0}},
       {"attention.layer_norm_epsilon", 1e-5F}},
      {"ffn_up.bias", "ffn_down.bias", "attn_output.bias"});
  return shape;
}

SyntheticShape nemotron_h_moe() {
  SyntheticShape shape = with_mamba2(shape_of("tiny-nemotron_h_moe", "nemotron_h_moe", 4), 768, 2);
  shape.n_expert = 8;
  shape.n_expert_used = 3;
  shape.n_ff_expert = 256;
  add(shape,
      {{"attention.head_count_kv", SyntheticKey::Integers{0, 0, 2, 0}},
       {"feed_forward_length", SyntheticKey::Integers{0, 256, 0, 256}},
       {"attention.layer_norm_epsilon", 1e-5F},
       {"expert_shared_feed_forward_length", 512},
       {"expert_shared_count", 1},
       {"expert_weights_norm", true},
       {"expert_weights_scale", 2.5F}},
      {"exp_probs_b.bias"});
  return shape;
}

SyntheticShape nemotron_h_moe_latent() {
  SyntheticShape shape = nemotron_h_moe();
  shape.name = "tiny-nemotron_h_moe-latent";
  add(shape, {{"moe_latent_size", 128}}, {});
  return shape;
}

SyntheticShape plamo2() {
  SyntheticShape shape = shape_of("tiny-plamo2", "plamo2", 4);
  shape.absent_tensors = {"ffn_gate.weight"};
  add(shape,
      {{"attention.head_count_kv", SyntheticKey::Integers{0, 2, 0, 0}},
       {"ssm.conv_kernel", 4},
       {"ssm.inner_size", 512},
       {"ssm.state_size", 64},
       {"ssm.time_step_rank", 8},
       {"ssm.group_count", 0}},
      {"ssm_dt.bias", "ssm_dt_norm", "ssm_b_norm", "ssm_c_norm", "post_attention_norm", "post_ffw_norm",
       "attn_qkv.weight"});
  return shape;
}

}  // namespace

std::vector<SyntheticShape> state_space_shapes() {
  return {with_mamba(alone(shape_of("tiny-mamba", "mamba", 3)), 16),
          falcon_mamba(),
          with_mamba2(alone(shape_of("tiny-mamba2", "mamba2", 3)), 512, 2),
          jamba(),
          jamba_without_experts(),
          falcon_h1(),
          falcon_h1_without_norm(),
          granite_hybrid(),
          granite_hybrid_dense(),
          nemotron_h(),
          nemotron_h_moe(),
          nemotron_h_moe_latent(),
          plamo2()};
}

}  // namespace hearth
