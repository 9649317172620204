// Mixtures of experts.
#include "testing/synthetic/families/families.h"

namespace hearth {
namespace {

using Names = std::vector<std::string_view>;
using SyntheticKeys = std::vector<SyntheticKey>;

/// Three layers of eight experts, of which a row uses three.
SyntheticShape mixture(std::string_view name, std::string_view architecture, const SyntheticKeys& keys = {},
                       const Names& optional_tensors = {}) {
  return {.name = name,
          .architecture = architecture,
          .vocabulary = "qwen",
          .n_vocab = 512,
          .n_layer = 3,
          .n_embd = 256,
          .n_ff = 512,
          .n_head = 4,
          .n_head_kv = 2,
          .head_dimension = 64,
          .context_length = 512,
          .n_expert = 8,
          .n_expert_used = 3,
          .n_ff_expert = 128,
          .keys = keys,
          .optional_tensors = optional_tensors};
}

/// Five layers, most of which see 16 positions.
SyntheticShape sliding_mixture(std::string_view name, std::string_view architecture,
                               const SyntheticKeys& keys = {}, const Names& optional_tensors = {}) {
  SyntheticShape shape = mixture(name, architecture, keys, optional_tensors);
  shape.n_layer = 5;
  shape.window = 16;
  return shape;
}

template <typename Change>
SyntheticShape changed(SyntheticShape shape, const Change& change) {
  change(shape);
  return shape;
}

constexpr int32_t kSigmoid = 2;  // expert_gating_func

const Names kBiasesOfGptOss = {"attn_q.bias",      "attn_k.bias",       "attn_v.bias",
                               "attn_output.bias", "ffn_gate_inp.bias", "ffn_gate_exps.bias",
                               "ffn_up_exps.bias", "ffn_down_exps.bias"};
const Names kBiasesOfQwen = {"attn_q.bias", "attn_k.bias", "attn_v.bias"};

std::vector<SyntheticShape> of_softmax() {
  return {
      mixture("tiny-qwen2moe", "qwen2moe", {{"expert_shared_feed_forward_length", 192}}, kBiasesOfQwen),
      changed(mixture("tiny-qwen3vlmoe", "qwen3vlmoe",
                      {{"rope.dimension_sections", SyntheticKey::Integers{12, 10, 10, 0}}}),
              [](SyntheticShape& shape) {
                shape.n_ff_expert = 0;
                // llama.cpp has the last pair stand still in texts: it hardly turns.
                shape.rope_theta = 5000000.0F;
              }),
      // A window of Phi mini MoE's files is not applied.
      changed(mixture("tiny-phimoe", "phimoe", {{"attention.sliding_window", 16}},
                      {"attn_q.bias", "attn_k.bias", "attn_v.bias", "attn_output.bias", "output.bias"}),
              [](SyntheticShape& shape) {
                shape.n_ff_expert = 0;
                shape.vocabulary = "phi3";
                shape.rope = SyntheticRope::kLongRope;
                shape.original_context = 64;
              }),
      changed(mixture("tiny-phimoe-one-matrix", "phimoe", {},
                      {"attn_qkv.weight", "attn_qkv.bias", "attn_output.bias", "output.bias"}),
              [](SyntheticShape& shape) { shape.n_ff_expert = 0; }),
      mixture("tiny-deepseek", "deepseek",
              {{"leading_dense_block_count", 1}, {"expert_shared_count", 2}, {"expert_weights_scale", 2.5F}}),
      mixture("tiny-bailingmoe", "bailingmoe",
              {{"expert_shared_count", 2}, {"expert_weights_norm", true}, {"expert_weights_scale", 1.5F}}),
      mixture("tiny-ernie4_5-moe", "ernie4_5-moe",
              {{"leading_dense_block_count", 1},
               {"interleave_moe_layer_step", 1},
               {"expert_shared_feed_forward_length", 192}},
              {"exp_probs_b.bias"}),
      changed(mixture("tiny-olmoe", "olmoe"),
              [](SyntheticShape& shape) {
                shape.n_ff_expert = 0;
                shape.n_head_kv = shape.n_head;
              }),
      changed(mixture("tiny-hunyuan-moe", "hunyuan-moe", {{"expert_shared_feed_forward_length", 192}}),
              [](SyntheticShape& shape) { shape.n_ff = shape.n_ff_expert; }),
      changed(mixture("tiny-dbrx", "dbrx", {{"attention.clamp_kqv", 0.8F}}, {"attn_qkv.weight"}),
              [](SyntheticShape& shape) {
                shape.layer_norm = true;
                shape.n_ff_expert = 0;
              }),
      changed(mixture("tiny-arctic", "arctic"),
              [](SyntheticShape& shape) {
                shape.n_ff = shape.n_ff_expert;
                shape.n_ff_expert = 0;
                shape.vocabulary = "llama2";
              }),
      mixture("tiny-granitemoe", "granitemoe",
              {{"embedding_scale", 6.0F},
               {"residual_scale", 0.3F},
               {"logit_scale", 4.0F},
               {"attention.scale", 0.2F},
               {"expert_shared_feed_forward_length", 192},
               {"rope.scaling.finetuned", false}}),
      mixture(
          "tiny-grovemoe", "grovemoe",
          {{"expert_chunk_feed_forward_length", 32}, {"experts_per_group", 2}, {"expert_group_scale", 0.3F}}),
      mixture("tiny-grok", "grok"),
      mixture("tiny-grok-2", "grok",
              {{"embedding_scale", 8.0F},
               {"logit_scale", 0.6F},
               {"attention.output_scale", 0.1F},
               {"attn_logit_softcapping", 5.0F},
               {"final_logit_softcapping", 4.0F}},
              {"ffn_up.weight", "layer_output_norm.weight"}),
  };
}

std::vector<SyntheticShape> of_sigmoids() {
  return {
      mixture("tiny-bailingmoe2", "bailingmoe2",
              {{"leading_dense_block_count", 1},
               {"expert_shared_count", 1},
               {"expert_gating_func", kSigmoid},
               {"expert_group_count", 4},
               {"expert_group_used_count", 2},
               {"expert_weights_norm", true},
               {"expert_weights_scale", 2.5F}},
              {"attn_qkv.weight", "exp_probs_b.bias"}),
      changed(mixture("tiny-dots1", "dots1",
                      {{"leading_dense_block_count", 1},
                       {"expert_shared_count", 2},
                       {"expert_gating_func", kSigmoid},
                       {"expert_weights_norm", true},
                       {"expert_weights_scale", 2.5F}},
                      {"exp_probs_b.bias"}),
              [](SyntheticShape& shape) { shape.n_head_kv = shape.n_head; }),
      changed(
          mixture("tiny-glm4moe", "glm4moe",
                  {{"leading_dense_block_count", 1},
                   {"expert_shared_count", 1},
                   {"expert_weights_norm", true},
                   {"expert_weights_scale", 1.5F}},
                  {"exp_probs_b.bias", "attn_q.bias", "attn_k.bias", "attn_v.bias", "attn_q_norm.weight"}),
          [](SyntheticShape& shape) { shape.rope_dimensions = 32; }),
      changed(
          mixture("tiny-minimax-m2", "minimax-m2", {{"expert_gating_func", kSigmoid}}, {"exp_probs_b.bias"}),
          [](SyntheticShape& shape) {
            shape.rope_dimensions = 32;
            shape.n_ff = shape.n_ff_expert;
          }),
      changed(mixture("tiny-minimax-m3", "minimax-m3",
                      {{"leading_dense_block_count", 1},
                       {"expert_shared_count", 1},
                       {"expert_gating_func", kSigmoid},
                       {"expert_weights_norm", true},
                       {"expert_weights_scale", 2.0F},
                       {"attention.indexer.head_count", 2},
                       {"attention.indexer.key_length", 64},
                       {"attention.indexer.top_k", 3},
                       {"attention.indexer.block_size", 8},
                       {"attention.indexer.local_blocks", 1}},
                      {"exp_probs_b.bias"}),
              [](SyntheticShape& shape) { shape.rope_dimensions = 32; }),
      changed(mixture("tiny-llama4", "llama4", {{"interleave_moe_layer_step", 2}}),
              [](SyntheticShape& shape) {
                shape.n_layer = 6;
                shape.n_expert_used = 1;
              }),
      changed(mixture("tiny-smallthinker", "smallthinker",
                      {{"expert_gating_func", kSigmoid}, {"attention.sliding_window", 4096}}),
              [](SyntheticShape& shape) { shape.n_layer = 6; }),
      mixture("tiny-smallthinker-full", "smallthinker", {{"expert_gating_func", 1}}),
      mixture("tiny-hy_v3", "hy_v3",
              {{"block_count", 4},  // the last guesses a further token, and is not in the file
               {"nextn_predict_layers", 1},
               {"expert_shared_feed_forward_length", 192},
               {"expert_weights_norm", true},
               {"expert_weights_scale", 2.5F}},
              {"blk.1.ffn_gate_inp.weight", "blk.2.ffn_gate_inp.weight", "exp_probs_b",
               "ffn_gate_up_exps.weight"}),
  };
}

std::vector<SyntheticShape> of_windows() {
  const Names routers = {"blk.1.ffn_gate_inp.weight", "blk.2.ffn_gate_inp.weight",
                         "blk.3.ffn_gate_inp.weight", "blk.4.ffn_gate_inp.weight"};
  Names of_mimo = routers;
  of_mimo.insert(of_mimo.end(), {"exp_probs_b.bias", "attn_sinks.weight"});
  Names of_step = routers;
  of_step.insert(of_step.end(), {"exp_probs_b.bias", "attn_gate.weight", "attn_q_norm.weight"});
  const SyntheticKey slides = {"attention.sliding_window_pattern", SyntheticKey::Integers{0, 1, 1, 0, 1}};
  const SyntheticKey heads = {"attention.head_count", SyntheticKey::Integers{4, 8, 8, 4, 8}};
  const SyntheticKey heads_kv = {"attention.head_count_kv", SyntheticKey::Integers{2, 4, 4, 2, 4}};
  return {
      {.name = "gpt-oss-20b",
       .architecture = "gpt-oss",
       .vocabulary = "qwen",
       .n_vocab = 201088,
       .n_layer = 24,
       .n_embd = 2880,
       .n_ff = 2880,
       .n_head = 64,
       .n_head_kv = 8,
       .head_dimension = 64,
       .context_length = 131072,
       .rope_theta = 150000.0F,
       .rope = SyntheticRope::kYarn,
       .rope_factor = 32.0F,
       .original_context = 4096,
       .n_expert = 32,
       .n_expert_used = 4,
       .n_ff_expert = 2880,
       .window = 128,
       .optional_tensors = kBiasesOfGptOss},
      changed(sliding_mixture("tiny-gpt-oss", "gpt-oss", {}, kBiasesOfGptOss),
              [](SyntheticShape& shape) {
                shape.rope = SyntheticRope::kYarn;
                shape.rope_factor = 4.0F;
                shape.original_context = 128;
              }),
      sliding_mixture("tiny-afmoe", "afmoe",
                      {{"leading_dense_block_count", 1},
                       {"expert_shared_count", 1},
                       {"expert_weights_norm", true},
                       {"expert_weights_scale", 2.8F}},
                      {"exp_probs_b.bias"}),
      sliding_mixture("tiny-exaone-moe", "exaone-moe",
                      {{"leading_dense_block_count", 1},
                       {"expert_shared_feed_forward_length", 192},
                       {"expert_gating_func", kSigmoid},
                       {"expert_weights_norm", true},
                       {"expert_weights_scale", 2.5F}},
                      {"exp_probs_b.bias"}),
      changed(sliding_mixture("tiny-cohere2moe", "cohere2moe",
                              {{"leading_dense_block_count", 1},
                               {"expert_shared_count", 1},
                               {"expert_weights_norm", true},
                               {"logit_scale", 0.5F},
                               {"attention.sliding_window_pattern", 4}},
                              {"ffn_gate_up_exps.weight"}),
              [](SyntheticShape& shape) {
                shape.layer_norm = true;
                shape.tied = true;
              }),
      // Poolside's small one and its large one.
      changed(sliding_mixture("tiny-laguna", "laguna",
                              {{"leading_dense_block_count", 1},
                               {"expert_shared_feed_forward_length", 192},
                               {"expert_weights_norm", true},
                               {"expert_weights_scale", 2.5F},
                               {"rope.freq_base_swa", 5000.0F},
                               {"rope.dimension_count_swa", 64},
                               {"attention.head_count", SyntheticKey::Integers{4, 8, 8, 8, 4}}},
                              {"exp_probs_b.bias"}),
              [](SyntheticShape& shape) {
                shape.rope = SyntheticRope::kYarn;
                shape.rope_factor = 4.0F;
                shape.original_context = 128;
                shape.rope_dimensions = 32;
              }),
      mixture(
          "tiny-laguna-large", "laguna",
          {{"leading_dense_block_count", 1}, {"expert_shared_count", 2}, {"expert_gating_func", kSigmoid}},
          {"exp_probs_b.bias", "attn_gate.weight"}),
      changed(sliding_mixture("tiny-mellum", "mellum"),
              [](SyntheticShape& shape) {
                shape.rope = SyntheticRope::kYarn;
                shape.rope_factor = 4.0F;
                shape.original_context = 128;
              }),
      sliding_mixture("tiny-mimo2", "mimo2",
                      {{"attention.value_length", 32},
                       {"attention.value_scale", 0.7F},
                       {"rope.freq_base_swa", 5000.0F},
                       slides,
                       heads,
                       heads_kv},
                      of_mimo),
      sliding_mixture("tiny-step35", "step35",
                      {{"expert_shared_feed_forward_length", 192},
                       {"expert_weights_norm", true},
                       {"expert_weights_scale", 3.0F},
                       {"swiglu_clamp_exp", SyntheticKey::Numbers{0.0F, 0.0F, 0.5F, 0.6F, 0.0F}},
                       {"swiglu_clamp_shexp", SyntheticKey::Numbers{0.7F, 0.0F, 0.0F, 0.6F, 0.5F}},
                       {"rope.freq_base_swa", 5000.0F},
                       slides,
                       heads,
                       heads_kv},
                      of_step),
  };
}

}  // namespace

std::vector<SyntheticShape> expert_shapes() {
  std::vector<SyntheticShape> all = of_softmax();
  for (const auto& shapes : {of_sigmoids(), of_windows()})
    all.insert(all.end(), shapes.begin(), shapes.end());
  return all;
}

}  // namespace hearth
