// Older and smaller families.
#include "testing/synthetic/families/families.h"

namespace hearth {
namespace {

using Names = std::vector<std::string_view>;

// What GPT-2 and most of its heirs have: one matrix for queries, keys and values, and biases everywhere but
// in the output.
const Names kGpt = {"attn_qkv.weight", "attn_qkv.bias", "attn_output.bias",
                    "ffn_up.bias",     "ffn_down.bias", "norm.bias"};
const Names kGptSplit = {"attn_q.bias", "attn_k.bias",   "attn_v.bias", "attn_output.bias",
                         "ffn_up.bias", "ffn_down.bias", "norm.bias"};
const Names kNormBiases = {"norm.bias"};

// clang-format off
std::vector<SyntheticShape> heirs_of_gpt2() {
  return {
      {.name = "tiny-gpt2", .architecture = "gpt2", .vocabulary = "phi2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 64, .context_length = 512, .tied = true, .layer_norm = true, .optional_tensors = kGpt},
      {.name = "tiny-starcoder", .architecture = "starcoder", .vocabulary = "phi2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 1,
       .head_dimension = 64, .context_length = 512, .layer_norm = true, .optional_tensors = kGpt},
      {.name = "tiny-gptj", .architecture = "gptj", .vocabulary = "phi2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 64, .context_length = 512, .rope_dimensions = 32, .layer_norm = true,
       .optional_tensors = {"ffn_up.bias", "ffn_down.bias", "norm.bias", "output.bias"},
       .absent_tensors = {"attn_output.bias"}},
      {.name = "tiny-gptneox", .architecture = "gptneox", .vocabulary = "phi2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 64, .context_length = 512, .rope_dimensions = 16, .layer_norm = true,
       .keys = {{"use_parallel_residual", true}}, .optional_tensors = kGpt},
      {.name = "tiny-gptneox-sequential", .architecture = "gptneox", .vocabulary = "phi2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 64, .context_length = 512, .rope_dimensions = 16, .layer_norm = true,
       .keys = {{"use_parallel_residual", false}}, .optional_tensors = kGpt},
      {.name = "tiny-bloom", .architecture = "bloom", .vocabulary = "phi2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 384, .n_ff = 512, .n_head = 6, .n_head_kv = 6,
       .head_dimension = 64, .context_length = 512, .layer_norm = true, .optional_tensors = kGpt},
      {.name = "tiny-mpt", .architecture = "mpt", .vocabulary = "phi2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 64, .context_length = 512, .tied = true, .layer_norm = true,
       .keys = {{"attention.max_alibi_bias", 8.0F}, {"attention.clamp_kqv", 0.5F}},
       .optional_tensors = {"attn_qkv.weight"}},
      {.name = "tiny-mpt-positions", .architecture = "mpt", .vocabulary = "phi2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .layer_norm = true,
       .optional_tensors = {"position_embd.weight", "attn_qkv.weight", "attn_qkv.bias", "attn_output.bias",
                            "ffn_up.bias", "ffn_down.bias", "norm.bias", "ffn.act.scales"}},
      {.name = "tiny-mpt-norms", .architecture = "mpt", .vocabulary = "phi2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 64, .context_length = 512, .tied = true, .layer_norm = true,
       .keys = {{"attention.max_alibi_bias", 4.0F}},
       .optional_tensors = {"attn_qkv.weight", "attn_q_norm.weight", "attn_k_norm.weight"}},
      {.name = "tiny-falcon", .architecture = "falcon", .vocabulary = "phi2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 1,
       .head_dimension = 64, .context_length = 512, .layer_norm = true,
       .optional_tensors = {"attn_qkv.weight", "norm.bias"}},
      {.name = "tiny-falcon-two-norms", .architecture = "falcon", .vocabulary = "phi2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .tied = true, .layer_norm = true,
       .optional_tensors = {"attn_qkv.weight", "norm.bias", "attn_norm_2.weight", "attn_norm_2.bias"}},
      {.name = "tiny-starcoder2", .architecture = "starcoder2", .vocabulary = "phi2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope_theta = 100000.0F, .tied = true, .layer_norm = true,
       .optional_tensors = kGptSplit},
      {.name = "tiny-codeshell", .architecture = "codeshell", .vocabulary = "phi2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .layer_norm = true, .optional_tensors = kGpt,
       .absent_tensors = {"token_embd.weight"}},
      {.name = "tiny-jais", .architecture = "jais", .vocabulary = "phi2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 64, .context_length = 512, .layer_norm = true,
       .keys = {{"attention.max_alibi_bias", 8.0F}},
       .optional_tensors = {"attn_qkv.weight", "attn_qkv.bias", "attn_output.bias", "ffn_up.bias", "ffn_gate.bias",
                            "ffn_down.bias", "norm.bias"}},
      {.name = "tiny-jais2", .architecture = "jais2", .vocabulary = "phi2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 64, .context_length = 512, .layer_norm = true, .optional_tensors = kGptSplit},
  };
}

std::vector<SyntheticShape> kin_of_llama() {
  return {
      {.name = "tiny-refact", .architecture = "refact", .vocabulary = "phi2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 1,
       .head_dimension = 64, .context_length = 512},
      {.name = "tiny-stablelm", .architecture = "stablelm", .vocabulary = "phi2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 64, .context_length = 512, .rope_dimensions = 16, .layer_norm = true,
       .optional_tensors = {"attn_q.bias", "attn_k.bias", "attn_v.bias", "attn_norm.bias", "ffn_norm.bias",
                            "output_norm.bias", "ffn_norm.weight"}},
      {.name = "tiny-stablelm-parallel", .architecture = "stablelm", .vocabulary = "phi2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope_dimensions = 16, .layer_norm = true,
       .optional_tensors = {"attn_norm.bias", "output_norm.bias", "attn_q_norm.weight", "attn_k_norm.weight"}},
      // Their 32 and 40 layers tell the kinds apart.
      {.name = "tiny-baichuan", .architecture = "baichuan", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 32, .n_embd = 128, .n_ff = 128, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 32, .context_length = 512},
      {.name = "tiny-baichuan-alibi", .architecture = "baichuan", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 40, .n_embd = 128, .n_ff = 128, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 32, .context_length = 512},
      {.name = "tiny-xverse", .architecture = "xverse", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512},
      {.name = "tiny-orion", .architecture = "orion", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .layer_norm = true, .optional_tensors = kNormBiases},
      {.name = "tiny-plamo", .architecture = "plamo", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512},
      {.name = "tiny-plamo3", .architecture = "plamo3", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 4, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 32, .context_length = 512, .rope_theta = 1000000.0F, .tied = true, .window = 16,
       .keys = {{"attention.value_length", 64}, {"attention.sliding_window_pattern", 3},
                {"rope.freq_base_swa", 5000.0F}},
       .optional_tensors = {"attn_qkv.weight", "post_attention_norm", "post_ffw_norm"},
       .absent_tensors = {"ffn_gate.weight"}},
      {.name = "tiny-plamo3-full", .architecture = "plamo3", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, 
       .optional_tensors = {"attn_qkv.weight", "post_attention_norm", "post_ffw_norm"},
       .absent_tensors = {"ffn_gate.weight"}},
      {.name = "tiny-openelm", .architecture = "openelm", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 3, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .tied = true,
       .keys = {{"attention.head_count", SyntheticKey::Integers{4, 6, 8}},
                {"attention.head_count_kv", SyntheticKey::Integers{2, 3, 2}},
                {"feed_forward_length", SyntheticKey::Integers{256, 512, 768}}},
       .optional_tensors = {"attn_qkv.weight"}},
      {.name = "tiny-pangu-embedded", .architecture = "pangu-embedded", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512,
       .optional_tensors = {"attn_q.bias", "attn_k.bias", "attn_v.bias", "attn_output.bias"}},
      {.name = "tiny-maincoder", .architecture = "maincoder", .vocabulary = "qwen",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .tied = true},
  };
}
// clang-format on

}  // namespace

std::vector<SyntheticShape> classic_shapes() {
  std::vector<SyntheticShape> shapes = heirs_of_gpt2();
  for (SyntheticShape& shape : kin_of_llama()) shapes.push_back(std::move(shape));
  return shapes;
}

}  // namespace hearth
