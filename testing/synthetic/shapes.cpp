#include "testing/synthetic/shapes.h"

#include <algorithm>

#include "testing/synthetic/families/families.h"

namespace hearth {
namespace {

using enum SyntheticRope;

// SyntheticShape::pooling
constexpr int32_t kMean = 1;
constexpr int32_t kCls = 2;
constexpr int32_t kLast = 3;
constexpr int32_t kRank = 4;

// A shape reads as a few rows of facts, not as one column.
// clang-format off
std::vector<SyntheticShape> first_shapes() {
  return {
    // Llama and its kin
    {.name = "tinyllama-1.1b", .architecture = "llama", .vocabulary = "zephyr",
     .n_vocab = 32000, .n_layer = 22, .n_embd = 2048, .n_ff = 5632, .n_head = 32, .n_head_kv = 4,
     .head_dimension = 64, .context_length = 2048},
    {.name = "llama2-7b", .architecture = "llama", .vocabulary = "llama2",
     .n_vocab = 32000, .n_layer = 32, .n_embd = 4096, .n_ff = 11008, .n_head = 32,
     .n_head_kv = 32, .head_dimension = 128, .context_length = 4096},
    {.name = "llama3.1-8b", .architecture = "llama", .vocabulary = "llama3",
     .n_vocab = 128256, .n_layer = 32, .n_embd = 4096, .n_ff = 14336, .n_head = 32,
     .n_head_kv = 8, .head_dimension = 128, .context_length = 131072,
     .rope_theta = 500000.0F, .rope = kLlama3, .rope_factor = 8.0F,
     .original_context = 8192},
    {.name = "llama3.2-1b", .architecture = "llama", .vocabulary = "llama3",
     .n_vocab = 128256, .n_layer = 16, .n_embd = 2048, .n_ff = 8192, .n_head = 32, .n_head_kv = 8,
     .head_dimension = 64, .context_length = 131072, .rope_theta = 500000.0F, .tied = true, .rope = kLlama3,
     .rope_factor = 32.0F, .original_context = 8192},
    {.name = "llama3.2-3b", .architecture = "llama", .vocabulary = "llama3",
     .n_vocab = 128256, .n_layer = 28, .n_embd = 3072, .n_ff = 8192, .n_head = 24, .n_head_kv = 8,
     .head_dimension = 128, .context_length = 131072, .rope_theta = 500000.0F, .tied = true, .rope = kLlama3,
     .rope_factor = 32.0F, .original_context = 8192},
    {.name = "mistral-7b", .architecture = "llama", .vocabulary = "mistral",
     .n_vocab = 32000, .n_layer = 32, .n_embd = 4096, .n_ff = 14336, .n_head = 32, .n_head_kv = 8,
     .head_dimension = 128, .context_length = 32768, .rope_theta = 1000000.0F},
    {.name = "mixtral-8x7b", .architecture = "llama", .vocabulary = "mistral",
     .n_vocab = 32000, .n_layer = 32, .n_embd = 4096, .n_ff = 14336, .n_head = 32, .n_head_kv = 8,
     .head_dimension = 128, .context_length = 32768,
     .rope_theta = 1000000.0F, .n_expert = 8, .n_expert_used = 2},
    {.name = "smollm2-135m", .architecture = "llama", .vocabulary = "smollm",
     .n_vocab = 49152, .n_layer = 30, .n_embd = 576, .n_ff = 1536, .n_head = 9, .n_head_kv = 3,
     .head_dimension = 64, .context_length = 8192, .rope_theta = 100000.0F, .tied = true},
    {.name = "smollm2-360m", .architecture = "llama", .vocabulary = "smollm",
     .n_vocab = 49152, .n_layer = 32, .n_embd = 960, .n_ff = 2560, .n_head = 15, .n_head_kv = 5,
     .head_dimension = 64, .context_length = 8192, .rope_theta = 100000.0F, .tied = true},

    // Qwen
    {.name = "qwen2.5-0.5b", .architecture = "qwen2", .vocabulary = "qwen",
     .n_vocab = 151936, .n_layer = 24, .n_embd = 896, .n_ff = 4864, .n_head = 14, .n_head_kv = 2,
     .head_dimension = 64, .context_length = 32768,
     .rope_theta = 1000000.0F, .norm_epsilon = 1e-6F, .tied = true},
    {.name = "qwen2.5-1.5b", .architecture = "qwen2", .vocabulary = "qwen",
     .n_vocab = 151936, .n_layer = 28, .n_embd = 1536, .n_ff = 8960, .n_head = 12, .n_head_kv = 2,
     .head_dimension = 128, .context_length = 32768,
     .rope_theta = 1000000.0F, .norm_epsilon = 1e-6F, .tied = true},
    {.name = "qwen3-0.6b", .architecture = "qwen3", .vocabulary = "qwen",
     .n_vocab = 151936, .n_layer = 28, .n_embd = 1024, .n_ff = 3072, .n_head = 16, .n_head_kv = 8,
     .head_dimension = 128, .context_length = 40960,
     .rope_theta = 1000000.0F, .norm_epsilon = 1e-6F, .tied = true},
    {.name = "qwen3-4b", .architecture = "qwen3", .vocabulary = "qwen",
     .n_vocab = 151936, .n_layer = 36, .n_embd = 2560, .n_ff = 9728, .n_head = 32, .n_head_kv = 8,
     .head_dimension = 128, .context_length = 40960,
     .rope_theta = 1000000.0F, .norm_epsilon = 1e-6F, .tied = true},
    {.name = "qwen3-30b-a3b", .architecture = "qwen3moe", .vocabulary = "qwen",
     .n_vocab = 151936, .n_layer = 48, .n_embd = 2048, .n_ff = 6144, .n_head = 32, .n_head_kv = 4,
     .head_dimension = 128, .context_length = 40960,
     .rope_theta = 1000000.0F, .norm_epsilon = 1e-6F, .n_expert = 128,
     .n_expert_used = 8, .n_ff_expert = 768},

    // Gemma
    {.name = "gemma-2b", .architecture = "gemma", .vocabulary = "gemma",
     .n_vocab = 256000, .n_layer = 18, .n_embd = 2048, .n_ff = 16384, .n_head = 8, .n_head_kv = 1,
     .head_dimension = 256, .context_length = 8192, .norm_epsilon = 1e-6F, .tied = true},
    {.name = "gemma2-2b", .architecture = "gemma2", .vocabulary = "gemma",
     .n_vocab = 256000, .n_layer = 26, .n_embd = 2304, .n_ff = 9216, .n_head = 8, .n_head_kv = 4,
     .head_dimension = 256, .context_length = 8192, .norm_epsilon = 1e-6F, .tied = true, .window = 4096,
     .attention_soft_cap = 50.0F, .final_soft_cap = 30.0F},
    {.name = "gemma3-270m", .architecture = "gemma3", .vocabulary = "gemma",
     .n_vocab = 262144, .n_layer = 18, .n_embd = 640, .n_ff = 2048, .n_head = 4, .n_head_kv = 1,
     .head_dimension = 256, .context_length = 32768,
     .rope_theta = 1000000.0F, .norm_epsilon = 1e-6F, .tied = true,
     .window = 512},
    {.name = "gemma3-1b", .architecture = "gemma3", .vocabulary = "gemma",
     .n_vocab = 262144, .n_layer = 26, .n_embd = 1152, .n_ff = 6912, .n_head = 4, .n_head_kv = 1,
     .head_dimension = 256, .context_length = 32768,
     .rope_theta = 1000000.0F, .norm_epsilon = 1e-6F, .tied = true,
     .window = 512},

    // Phi
    {.name = "phi2", .architecture = "phi2", .vocabulary = "phi2",
     .n_vocab = 51200, .n_layer = 32, .n_embd = 2560, .n_ff = 10240, .n_head = 32,
     .n_head_kv = 32, .head_dimension = 80, .context_length = 2048, .rope_dimensions = 32, .layer_norm = true},
    {.name = "phi3-mini", .architecture = "phi3", .vocabulary = "phi3",
     .n_vocab = 32064, .n_layer = 32, .n_embd = 3072, .n_ff = 8192, .n_head = 32, .n_head_kv = 32,
     .head_dimension = 96, .context_length = 4096},
    {.name = "phi3-mini-128k", .architecture = "phi3", .vocabulary = "phi3",
     .n_vocab = 32064, .n_layer = 32, .n_embd = 3072, .n_ff = 8192, .n_head = 32, .n_head_kv = 32,
     .head_dimension = 96, .context_length = 131072, .rope = kLongRope, .original_context = 4096},
    {.name = "phi4-mini", .architecture = "phi3", .vocabulary = "phi4",
     .n_vocab = 200064, .n_layer = 32, .n_embd = 3072, .n_ff = 8192, .n_head = 24, .n_head_kv = 8,
     .head_dimension = 128, .context_length = 131072, .tied = true, .rope_dimensions = 96, .rope = kLongRope,
     .original_context = 4096},

    // Encoders
    {.name = "bge-small", .architecture = "bert", .vocabulary = "bert",
     .n_vocab = 30522, .n_layer = 12, .n_embd = 384, .n_ff = 1536, .n_head = 12, .n_head_kv = 12,
     .head_dimension = 32, .context_length = 512, .norm_epsilon = 1e-12F, .tied = true, .pooling = kCls,
     .is_encoder = true, .layer_norm = true},
    {.name = "nomic-embed-v1.5", .architecture = "nomic-bert", .vocabulary = "bert",
     .n_vocab = 30522, .n_layer = 12, .n_embd = 768, .n_ff = 3072, .n_head = 12, .n_head_kv = 12,
     .head_dimension = 64, .context_length = 2048, .rope_theta = 1000.0F, .norm_epsilon = 1e-12F, .tied = true,
     .pooling = kMean, .is_encoder = true, .layer_norm = true},

    // Tiny ones for tests: rows of 256, which every block type divides
    {.name = "tiny-llama", .architecture = "llama", .vocabulary = "llama2",
     .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
     .head_dimension = 64, .context_length = 512},
    {.name = "tiny-linear", .architecture = "llama", .vocabulary = "llama2",
     .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
     .head_dimension = 64, .context_length = 512,
     .rope = kLinear, .rope_factor = 4.0F, .original_context = 128},
    {.name = "tiny-yarn", .architecture = "llama", .vocabulary = "llama2",
     .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
     .head_dimension = 64, .context_length = 512, .rope = kYarn, .rope_factor = 8.0F, .original_context = 64},
    {.name = "tiny-llama3", .architecture = "llama", .vocabulary = "llama3",
     .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
     .head_dimension = 64, .context_length = 512, .rope_theta = 500000.0F, .tied = true, .rope = kLlama3,
     .rope_factor = 8.0F, .original_context = 64},
    {.name = "tiny-mixtral", .architecture = "llama", .vocabulary = "mistral",
     .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
     .head_dimension = 64, .context_length = 512, .n_expert = 4, .n_expert_used = 2},
    {.name = "tiny-qwen2", .architecture = "qwen2", .vocabulary = "qwen",
     .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
     .head_dimension = 64, .context_length = 512, .norm_epsilon = 1e-6F, .tied = true},
    {.name = "tiny-qwen2-coder", .architecture = "qwen2", .vocabulary = "qwen-coder",
     .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
     .head_dimension = 64, .context_length = 512, .norm_epsilon = 1e-6F, .tied = true},
    {.name = "tiny-codellama", .architecture = "llama", .vocabulary = "codellama",
     .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
     .head_dimension = 64, .context_length = 512},
    {.name = "tiny-qwen3", .architecture = "qwen3", .vocabulary = "qwen",
     .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
     .head_dimension = 128, .context_length = 512,
     .rope_theta = 1000000.0F, .norm_epsilon = 1e-6F, .tied = true},
    {.name = "tiny-qwen3moe", .architecture = "qwen3moe", .vocabulary = "qwen",
     .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
     .head_dimension = 128, .context_length = 512,
     .rope_theta = 1000000.0F, .norm_epsilon = 1e-6F, .n_expert = 16,
     .n_expert_used = 4, .n_ff_expert = 256},
    {.name = "tiny-gemma", .architecture = "gemma", .vocabulary = "gemma",
     .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 1,
     .head_dimension = 128, .context_length = 512, .norm_epsilon = 1e-6F, .tied = true},
    // Soft caps of 2 and 8 rather than 50 and 30: at these scores a missing one would hardly show.
    {.name = "tiny-gemma2", .architecture = "gemma2", .vocabulary = "gemma",
     .n_vocab = 512, .n_layer = 4, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
     .head_dimension = 64, .context_length = 512, .norm_epsilon = 1e-6F, .tied = true, .window = 16,
     .attention_soft_cap = 2.0F, .final_soft_cap = 8.0F,
     .keys = {{"attention.sliding_window_pattern", 3}, {"rope.freq_base_swa", 5000.0F}}},
    // Seven layers: five sliding ones, one that sees everything, and one more.
    {.name = "tiny-gemma3", .architecture = "gemma3", .vocabulary = "gemma",
     .n_vocab = 512, .n_layer = 7, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 1,
     .head_dimension = 64, .context_length = 512,
     .rope_theta = 1000000.0F, .norm_epsilon = 1e-6F, .tied = true,
     .window = 16},
    {.name = "tiny-phi2", .architecture = "phi2", .vocabulary = "phi2",
     .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
     .head_dimension = 64, .context_length = 512, .rope_dimensions = 32, .layer_norm = true},
    {.name = "tiny-phi3", .architecture = "phi3", .vocabulary = "phi3",
     .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
     .head_dimension = 64, .context_length = 512},
    {.name = "tiny-longrope", .architecture = "phi3", .vocabulary = "phi4",
     .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
     .head_dimension = 64, .context_length = 2048, .tied = true, .rope_dimensions = 48, .rope = kLongRope,
     .original_context = 256},

    // Encoders
    {.name = "tiny-bert", .architecture = "bert", .vocabulary = "bert",
     .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
     .head_dimension = 64, .context_length = 512, .tied = true,
     .pooling = kCls, .is_encoder = true, .layer_norm = true},
    {.name = "tiny-xlm-roberta", .architecture = "bert", .vocabulary = "xlm-roberta",
     .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
     .head_dimension = 64, .context_length = 512, .tied = true,
     .pooling = kMean, .is_encoder = true, .layer_norm = true},
    {.name = "tiny-nomic-bert", .architecture = "nomic-bert", .vocabulary = "bert",
     .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
     .head_dimension = 64, .context_length = 512, .tied = true,
     .pooling = kMean, .is_encoder = true, .layer_norm = true},
    {.name = "tiny-nomic-bert-moe", .architecture = "nomic-bert-moe", .vocabulary = "xlm-roberta",
     .n_vocab = 512, .n_layer = 4, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
     .head_dimension = 64, .context_length = 512, .tied = true, .n_expert = 4, .n_expert_used = 2,
     .pooling = kMean, .is_encoder = true, .layer_norm = true},
    // Six heads: slopes beyond a power of two are others.
    {.name = "tiny-jina-bert-v2", .architecture = "jina-bert-v2", .vocabulary = "bert",
     .n_vocab = 512, .n_layer = 2, .n_embd = 768, .n_ff = 512, .n_head = 6, .n_head_kv = 6,
     .head_dimension = 128, .context_length = 512, .tied = true,
     .pooling = kMean, .is_encoder = true, .layer_norm = true},
    {.name = "tiny-jina-code", .architecture = "jina-bert-v2", .vocabulary = "roberta",
     .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
     .head_dimension = 64, .context_length = 512, .tied = true,
     .pooling = kLast, .is_encoder = true, .layer_norm = true},
    {.name = "tiny-jina-bert-v3", .architecture = "jina-bert-v3", .vocabulary = "xlm-roberta",
     .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
     .head_dimension = 64, .context_length = 512, .tied = true,
     .pooling = kMean, .is_encoder = true, .layer_norm = true},
    {.name = "tiny-modern-bert", .architecture = "modern-bert", .vocabulary = "modern-bert",
     .n_vocab = 512, .n_layer = 4, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
     .head_dimension = 64, .context_length = 512, .tied = true, .window = 16,
     .pooling = kMean, .is_encoder = true, .layer_norm = true},
    {.name = "tiny-qwen3-embedding", .architecture = "qwen3", .vocabulary = "qwen",
     .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
     .head_dimension = 128, .context_length = 512, .norm_epsilon = 1e-6F, .tied = true, .pooling = kLast},
    // Rerankers: classifiers of two layers, of the first alone, with a norm between them, of the second alone
    {.name = "tiny-bge-reranker", .architecture = "bert", .vocabulary = "xlm-roberta",
     .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
     .head_dimension = 64, .context_length = 512, .tied = true,
     .pooling = kRank, .labels = 1, .is_encoder = true, .layer_norm = true},
    {.name = "tiny-jina-reranker", .architecture = "jina-bert-v2", .vocabulary = "roberta",
     .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
     .head_dimension = 64, .context_length = 512, .tied = true,
     .pooling = kRank, .labels = 1, .is_encoder = true, .layer_norm = true},
    {.name = "tiny-modern-reranker", .architecture = "modern-bert", .vocabulary = "modern-bert",
     .n_vocab = 512, .n_layer = 4, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
     .head_dimension = 64, .context_length = 512, .tied = true, .window = 16,
     .pooling = kRank, .labels = 1, .is_encoder = true, .layer_norm = true},
    {.name = "tiny-qwen3-reranker", .architecture = "qwen3", .vocabulary = "qwen-reranker",
     .n_vocab = 512, .n_layer = 2, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
     .head_dimension = 128, .context_length = 512, .norm_epsilon = 1e-6F, .tied = true, .pooling = kRank,
     .labels = 2},
  };
}
// clang-format on

}  // namespace

const std::vector<SyntheticShape>& synthetic_shapes() {
  static const std::vector<SyntheticShape> all = [] {
    std::vector<SyntheticShape> shapes = first_shapes();
    for (const auto& of_kind : {dense_shapes(), classic_shapes(), expert_shapes(), gemma_shapes(),
                                latent_attention_shapes(), state_space_shapes(), linear_attention_shapes(),
                                published_state_shapes(), diffusion_shapes(), encoder_shapes()}) {
      shapes.insert(shapes.end(), of_kind.begin(), of_kind.end());
    }
    return shapes;
  }();
  return all;
}

const SyntheticShape* find_synthetic_shape(std::string_view name) {
  const std::vector<SyntheticShape>& shapes = synthetic_shapes();
  const auto found = std::find_if(shapes.begin(), shapes.end(),
                                  [name](const SyntheticShape& shape) { return shape.name == name; });
  return found == shapes.end() ? nullptr : &*found;
}

}  // namespace hearth
