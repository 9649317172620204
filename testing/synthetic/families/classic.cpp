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
      {.name = "tiny-bloom", .architecture = "bloom", .vocabulary = "phi2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 384, .n_ff = 512, .n_head = 6, .n_head_kv = 6,
       .head_dimension = 64, .context_length = 512, .layer_norm = true, .optional_tensors = kGpt},
      {.name = "tiny-starcoder2", .architecture = "starcoder2", .vocabulary = "phi2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope_theta = 100000.0F, .tied = true, .layer_norm = true,
       .optional_tensors = kGptSplit},
      {.name = "tiny-codeshell", .architecture = "codeshell", .vocabulary = "phi2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .layer_norm = true, .optional_tensors = kGpt,
       .absent_tensors = {"token_embd.weight"}},
  };
}

std::vector<SyntheticShape> kin_of_llama() {
  return {
      {.name = "tiny-refact", .architecture = "refact", .vocabulary = "phi2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 1,
       .head_dimension = 64, .context_length = 512},
      // Their 32 and 40 layers tell the kinds apart.
      {.name = "tiny-baichuan", .architecture = "baichuan", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 32, .n_embd = 64, .n_ff = 128, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 16, .context_length = 512},
      {.name = "tiny-baichuan-alibi", .architecture = "baichuan", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 40, .n_embd = 64, .n_ff = 128, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 16, .context_length = 512},
      {.name = "tiny-xverse", .architecture = "xverse", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512},
      {.name = "tiny-orion", .architecture = "orion", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .layer_norm = true, .optional_tensors = kNormBiases},
      {.name = "tiny-plamo", .architecture = "plamo", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512},
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
