// Dense decoders.
#include "testing/synthetic/families/families.h"

namespace hearth {
namespace {

using Names = std::vector<std::string_view>;
using Integers = SyntheticKey::Integers;
using Numbers = SyntheticKey::Numbers;

const Names kQueryKeyValueBiases = {"attn_q.bias", "attn_k.bias", "attn_v.bias"};
const Names kMlpBiases = {"attn_output.bias", "ffn_gate.bias", "ffn_up.bias", "ffn_down.bias"};

// clang-format off
std::vector<SyntheticShape> dense_shapes_of_llama() {
  return {
      {.name = "tiny-smollm3", .architecture = "smollm3", .vocabulary = "llama3",
       .n_vocab = 512, .n_layer = 5, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope_theta = 5000000.0F, .tied = true},
      {.name = "tiny-granite", .architecture = "granite", .vocabulary = "llama3",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .tied = true,
       .keys = {{"attention.scale", 0.06F}, {"embedding_scale", 3.0F}, {"residual_scale", 0.4F},
                {"logit_scale", 2.5F}},
       .optional_tensors = kMlpBiases},
      {.name = "tiny-granite-nope", .architecture = "granite", .vocabulary = "llama3",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512,
       .keys = {{"logit_scale", 0.7F}, {"rope.scaling.finetuned", false}}},
      {.name = "tiny-minicpm", .architecture = "minicpm", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512,
       .keys = {{"embedding_scale", 12.0F}, {"residual_scale", 0.22F}, {"logit_scale", 1.6F}}},
      // Whose multipliers are those of the architecture. Its width is that at which logits are as they are.
      {.name = "tiny-minicpm-bare", .architecture = "minicpm", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 64, .context_length = 512, .tied = true},
      {.name = "tiny-mistral3", .architecture = "mistral3", .vocabulary = "llama3",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope_theta = 1000000.0F, .rope = SyntheticRope::kYarn,
       .rope_factor = 8.0F, .original_context = 16,
       .keys = {{"attention.temperature_scale", 0.3F}, {"rope.scaling.yarn_beta_fast", 4.0F},
                {"rope.scaling.yarn_beta_slow", 0.5F}, {"rope.scaling.yarn_log_multiplier", 0.6F}},
       .optional_tensors = {"attn_output.bias", "ffn_gate.bias", "ffn_up.bias", "ffn_down.bias"}},
      {.name = "tiny-ernie4_5", .architecture = "ernie4_5", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope_theta = 500000.0F, .tied = true,
       .optional_tensors = kQueryKeyValueBiases},
      {.name = "tiny-internlm2", .architecture = "internlm2", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope_theta = 1000000.0F},
      {.name = "tiny-exaone", .architecture = "exaone", .vocabulary = "llama3",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope_theta = 500000.0F, .tied = true,
       .rope = SyntheticRope::kLlama3, .rope_factor = 8.0F, .original_context = 64},
      {.name = "tiny-seed_oss", .architecture = "seed_oss", .vocabulary = "llama3",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope_theta = 10000000.0F,
       .optional_tensors = kQueryKeyValueBiases},
      {.name = "tiny-arcee", .architecture = "arcee", .vocabulary = "llama3",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope = SyntheticRope::kYarn, .rope_factor = 4.0F,
       .original_context = 64},
      {.name = "tiny-qwen", .architecture = "qwen", .vocabulary = "qwen",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 1024, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 64, .context_length = 512, .optional_tensors = {"attn_qkv.weight", "attn_qkv.bias"}},
      // llama.cpp reads no epsilon of these, so that theirs has to be next to nothing.
      {.name = "tiny-qwen2vl", .architecture = "qwen2vl", .vocabulary = "qwen",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope_theta = 1000000.0F, .norm_epsilon = 1e-9F,
       .keys = {{"rope.dimension_sections", Integers{8, 12, 12, 0}}},
       .optional_tensors = kQueryKeyValueBiases},
      {.name = "tiny-qwen3vl", .architecture = "qwen3vl", .vocabulary = "qwen",
       .n_vocab = 512, .n_layer = 4, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope_theta = 5000000.0F, .tied = true,
       .keys = {{"rope.dimension_sections", Integers{8, 8, 8, 8}}, {"n_deepstack_layers", 3}}},
  };
}

std::vector<SyntheticShape> shapes_that_read_texts_alone() {
  SyntheticShape chameleon = {.name = "tiny-chameleon", .architecture = "chameleon", .vocabulary = "llama3",
       .n_vocab = 8448, .n_layer = 2, .n_embd = 128, .n_ff = 256, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 32, .context_length = 512,
       .optional_tensors = {"attn_q_norm.bias", "attn_k_norm.bias"}};
  SyntheticShape large = chameleon;
  large.name = "tiny-chameleon-norms-behind";
  large.keys = {{"swin_norm", true}};
  large.tied = true;
  large.optional_tensors = {};
  return {
      chameleon, large,
      {.name = "tiny-hunyuan_vl", .architecture = "hunyuan_vl", .vocabulary = "llama3",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512,
       // llama.cpp has the last pairs stand still in texts: they hardly turn.
       .rope_theta = 1000000.0F, .tied = true,
       .keys = {{"rope.scaling.alpha", 1000.0F}, {"rope.dimension_sections", Integers{8, 8, 8, 8}}}},
      {.name = "tiny-paddleocr", .architecture = "paddleocr", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope_theta = 500000.0F,
       .keys = {{"rope.dimension_sections", Integers{8, 12, 12, 0}}},
       .optional_tensors = {"attn_q.bias", "attn_k.bias", "attn_v.bias", "attn_output.bias"}},
      {.name = "tiny-cogvlm", .architecture = "cogvlm", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 64, .context_length = 512, .rope_theta = 500000.0F,
       .rope = SyntheticRope::kLlama3, .rope_factor = 8.0F, .original_context = 64,
       .optional_tensors = {"attn_qkv.weight", "vis_attn_output.weight", "vis_gate.weight", "vis_up.weight",
                            "vis_down.weight"}},
  };
}

std::vector<SyntheticShape> dense_shapes_of_their_own() {
  return {
      {.name = "tiny-chatglm", .architecture = "chatglm", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope_dimensions = 32,
       .optional_tensors = {"attn_qkv.weight", "attn_qkv.bias"}, .absent_tensors = {"ffn_gate.weight"}},
      {.name = "tiny-glm4", .architecture = "glm4", .vocabulary = "llama3",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope_dimensions = 32,
       .optional_tensors = kQueryKeyValueBiases, .absent_tensors = {"ffn_gate.weight"}},
      {.name = "tiny-glm4-sections", .architecture = "glm4", .vocabulary = "llama3",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .tied = true, .rope_dimensions = 32,
       .keys = {{"rope.dimension_sections", Integers{4, 6, 6, 0}}}, .absent_tensors = {"ffn_gate.weight"}},
      {.name = "tiny-olmo", .architecture = "olmo", .vocabulary = "phi2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .tied = true, .layer_norm = true,
       .keys = {{"attention.clamp_kqv", 0.9F}}},
      {.name = "tiny-olmo2", .architecture = "olmo2", .vocabulary = "llama3",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope_theta = 500000.0F},
      {.name = "tiny-olmo2-sliding", .architecture = "olmo2", .vocabulary = "llama3",
       .n_vocab = 512, .n_layer = 5, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 64, .context_length = 512, .rope_theta = 500000.0F, .rope = SyntheticRope::kYarn,
       .rope_factor = 8.0F, .original_context = 64, .window = 16,
       .keys = {{"rope.scaling.attn_factor", 1.2F}}},
      {.name = "tiny-command-r", .architecture = "command-r", .vocabulary = "llama3",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope_theta = 8000000.0F, .tied = true,
       .layer_norm = true, .keys = {{"logit_scale", 0.25F}}},
      // Its 64 layers tell that it normalises queries and keys.
      {.name = "tiny-command-r-plus", .architecture = "command-r", .vocabulary = "llama3",
       .n_vocab = 512, .n_layer = 64, .n_embd = 64, .n_ff = 128, .n_head = 2, .n_head_kv = 1,
       .head_dimension = 32, .context_length = 512, .tied = true, .layer_norm = true},
      {.name = "tiny-cohere2", .architecture = "cohere2", .vocabulary = "llama3",
       .n_vocab = 512, .n_layer = 5, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .tied = true, .window = 16, .layer_norm = true,
       .keys = {{"logit_scale", 0.25F}}},
      {.name = "tiny-cohere2-period", .architecture = "cohere2", .vocabulary = "llama3",
       .n_vocab = 512, .n_layer = 5, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .tied = true, .window = 16, .layer_norm = true,
       .keys = {{"logit_scale", 0.25F}, {"attention.sliding_window_pattern", 2}}},
      {.name = "tiny-nemotron", .architecture = "nemotron", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope_dimensions = 32, .layer_norm = true,
       .optional_tensors = {"norm.bias", "attn_output.bias", "ffn_up.bias", "ffn_down.bias"}},
      {.name = "tiny-exaone4", .architecture = "exaone4", .vocabulary = "llama3",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope_theta = 1000000.0F, .tied = true},
      // Its 64 layers tell that it slides.
      {.name = "tiny-exaone4-sliding", .architecture = "exaone4", .vocabulary = "llama3",
       .n_vocab = 512, .n_layer = 64, .n_embd = 64, .n_ff = 128, .n_head = 2, .n_head_kv = 1,
       .head_dimension = 32, .context_length = 512, .rope_theta = 1000000.0F, .window = 16},
      {.name = "tiny-hunyuan-dense", .architecture = "hunyuan-dense", .vocabulary = "llama3",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .tied = true, .keys = {{"rope.scaling.alpha", 50.0F}}},
      {.name = "tiny-nanbeige", .architecture = "nanbeige", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 3, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope = SyntheticRope::kLlama3, .rope_factor = 8.0F,
       .original_context = 64, .keys = {{"num_loops", 2}},
       .optional_tensors = {"attn_q.bias", "attn_k.bias", "attn_v.bias"}},
      {.name = "tiny-nanbeige-no-norms", .architecture = "nanbeige", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .tied = true,
       .keys = {{"num_loops", 3}, {"skip_loop_final_norm", true}}},
      {.name = "tiny-talkie", .architecture = "talkie", .vocabulary = "llama3",
       .n_vocab = 512, .n_layer = 3, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .norm_epsilon = 1.1920929e-7F,
       .keys = {{"logit_scale", 0.7F}}},
      {.name = "tiny-apertus", .architecture = "apertus", .vocabulary = "llama3",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope_theta = 12000000.0F,
       .rope = SyntheticRope::kLlama3, .rope_factor = 8.0F, .original_context = 64,
       .keys = {{"xielu.alpha_n", Numbers{0.7F, -0.3F}}, {"xielu.alpha_p", Numbers{0.4F, 1.1F}},
                {"xielu.beta", Numbers{0.5F, 0.6F}}, {"xielu.eps", Numbers{-1e-6F, -1e-3F}}}},
      {.name = "tiny-deci", .architecture = "deci", .vocabulary = "llama3",
       .n_vocab = 512, .n_layer = 5, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512,
       .keys = {{"attention.head_count", Integers{4, 4, 0, 0, 4}},
                {"attention.head_count_kv", Integers{2, 0, 0, 0, 1}},
                {"feed_forward_length", Integers{512, 256, 768, 0, 512}}}},
      {.name = "tiny-bitnet", .architecture = "bitnet", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .tied = true,
       .optional_tensors = {"attn_q.scale", "attn_k.scale", "attn_v.scale", "attn_output.scale",
                            "ffn_gate.scale", "ffn_up.scale", "ffn_down.scale"}},
      {.name = "tiny-bitnet-bare", .architecture = "bitnet", .vocabulary = "llama2",
       .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 64, .context_length = 512, .tied = true},
  };
}
// clang-format on

}  // namespace

std::vector<SyntheticShape> dense_shapes() {
  std::vector<SyntheticShape> shapes = dense_shapes_of_llama();
  for (const auto& more : {dense_shapes_of_their_own(), shapes_that_read_texts_alone()}) {
    shapes.insert(shapes.end(), more.begin(), more.end());
  }
  return shapes;
}

}  // namespace hearth
