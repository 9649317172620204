// Models that write by diffusion.
#include "testing/synthetic/families/families.h"

namespace hearth {
namespace {

const SyntheticKey kSeesBothWays{"attention.causal", false};

}  // namespace

// clang-format off
std::vector<SyntheticShape> diffusion_shapes() {
  return {
      {.name = "tiny-llada", .architecture = "llada", .vocabulary = "llada",
       .n_vocab = 512, .n_layer = 3, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 64, .context_length = 512, .rope_theta = 500000.0F,
       .keys = {kSeesBothWays, {"diffusion.shift_logits", false}}},
      {.name = "tiny-llada-moe", .architecture = "llada-moe", .vocabulary = "llada",
       .n_vocab = 512, .n_layer = 3, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 4,
       .head_dimension = 64, .context_length = 512, .rope_theta = 50000.0F, .n_expert = 8, .n_expert_used = 3,
       .n_ff_expert = 128, .keys = {kSeesBothWays, {"diffusion.shift_logits", false}}},
      {.name = "tiny-dream", .architecture = "dream", .vocabulary = "dream",
       .n_vocab = 512, .n_layer = 3, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 64, .context_length = 512, .rope_theta = 1000000.0F,
       .keys = {kSeesBothWays, {"diffusion.shift_logits", true}},
       .optional_tensors = {"attn_q.bias", "attn_k.bias", "attn_v.bias"}},
      // Heads that are wider together than the stream; its file says nothing of shifted logits.
      {.name = "tiny-rnd1", .architecture = "rnd1", .vocabulary = "dream",
       .n_vocab = 512, .n_layer = 3, .n_embd = 256, .n_ff = 512, .n_head = 4, .n_head_kv = 2,
       .head_dimension = 128, .context_length = 512, .rope_theta = 1000000.0F, .tied = true, .n_expert = 8,
       .n_expert_used = 3, .n_ff_expert = 128, .keys = {kSeesBothWays}},
  };
}
// clang-format on

}  // namespace hearth
