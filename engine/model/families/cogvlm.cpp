// CogVLM: Llama's shape; beside each matrix stands one for images, which texts do not go through. Wang et al.
// 2023.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> cogvlm(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  for (LayerSpec& layer : spec.layers) {
    AttentionSpec& attention = attention_of(layer);
    // Whatever the file says of rope: llama.cpp reads none of it here.
    attention.rope = {
        .pairs = RopePairs::kHalves, .dimensions = attention.key_dimension / 2 * 2, .uses_factors = false};
    const int64_t n_ff = gated_width(layer);
    const int64_t q_k_v = attention.query_width() + attention.key_width() + attention.value_width();
    layer.unread = {{"vis_attn_qkv.weight", {spec.n_embd(), q_k_v}},
                    {"vis_attn_output.weight", {attention.heads_width(), spec.n_embd()}},
                    {"vis_gate.weight", {spec.n_embd(), n_ff}},
                    {"vis_up.weight", {spec.n_embd(), n_ff}},
                    {"vis_down.weight", {n_ff, spec.n_embd()}}};
  }
  return spec;
}

}  // namespace hearth::families
