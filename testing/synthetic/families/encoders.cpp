// Encoders beyond those of shapes.cpp, and encoder-decoders.
#include "testing/synthetic/families/families.h"

namespace hearth {

// clang-format off
std::vector<SyntheticShape> encoder_shapes() {
  constexpr int32_t kMean = 1;
  return {
      {.name = "tiny-neo-bert", .architecture = "neo-bert", .vocabulary = "bert",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 64, .context_length = 512, .tied = true, .pooling = kMean, .is_encoder = true,
       .absent_tensors = {".bias"}},
      {.name = "tiny-eurobert", .architecture = "eurobert", .vocabulary = "modern-bert",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope_theta = 250000.0F, .tied = true, .pooling = kMean,
       .is_encoder = true, .optional_tensors = {"ffn_gate.weight"}, .absent_tensors = {"attn_qkv.weight", ".bias"}},
      {.name = "tiny-llama-embed", .architecture = "llama-embed", .vocabulary = "llama3",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope_theta = 500000.0F, .tied = true,
       .rope = SyntheticRope::kLlama3, .rope_factor = 8.0F, .original_context = 64, .pooling = kMean,
       .is_encoder = true, .optional_tensors = {"ffn_gate.weight"}, .absent_tensors = {"attn_qkv.weight", ".bias"}},
      {.name = "tiny-t5encoder", .architecture = "t5encoder", .vocabulary = "xlm-roberta",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 32, .context_length = 512, .tied = true, .pooling = kMean, .is_encoder = true,
       .keys = {{"attention.relative_buckets_count", 32}},
       .optional_tensors = {"ffn_gate.weight"}, .absent_tensors = {"attn_qkv.weight", ".bias"}},
      {.name = "tiny-t5encoder-plain", .architecture = "t5encoder", .vocabulary = "xlm-roberta",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 64, .context_length = 512, .tied = true, .pooling = kMean, .is_encoder = true,
       .keys = {{"attention.relative_buckets_count", 32}},
       .optional_tensors = {"attn_rel_b.weight"},
       .absent_tensors = {"attn_qkv.weight", "ffn_gate.weight", ".bias"}},
      // T5's matrices of queries are small, since its scores are not scaled.
      {.name = "tiny-t5", .architecture = "t5", .vocabulary = "t5",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 64, .context_length = 512, .tied = true,
       .keys = {{"attention.relative_buckets_count", 32}, {"decoder_start_token_id", 0}},
       .absent_tensors = {"attn_qkv.weight", "ffn_gate.weight", ".bias"},
       .gains = {{"attn_q.weight", 0.2F}}},
      {.name = "tiny-t5-gated", .architecture = "t5", .vocabulary = "t5",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 32, .context_length = 512,
       .keys = {{"attention.relative_buckets_count", 32}, {"decoder_start_token_id", 0}, {"decoder_block_count", 3}},
       .optional_tensors = {"attn_rel_b.weight", "ffn_gate.weight"}, .absent_tensors = {"attn_qkv.weight", ".bias"},
       .gains = {{"attn_q.weight", 0.2F}}},
  };
}
// clang-format on

}  // namespace hearth
