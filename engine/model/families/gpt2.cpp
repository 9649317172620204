// GPT-2 (Radford et al. 2019): every position has a vector of its own, which is added to the token's; layer
// norms, and a plain feed-forward network with GELU. StarCoder (Li et al. 2023) is one whose heads share
// their keys and values (Shazeer 2019).
#include "engine/model/families/family.h"
#include "engine/model/families/gpt.h"

namespace hearth::families {

Result<ModelSpec> read_gpt(const Hyperparameters& keys, RopePairs pairs) {
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kLayer, pairs));
  for (LayerSpec& layer : spec.layers) {
    layer.feed_forward = PlainSpec{std::get<GatedSpec>(layer.feed_forward).n_ff, Activation::kGeluTanh};
  }
  return spec;
}

void drop_rope(ModelSpec& spec) {
  for (LayerSpec& layer : spec.layers) attention_of(layer).rope = {.dimensions = 0};
}

void use_alibi(ModelSpec& spec, float bias) {
  drop_rope(spec);
  for (LayerSpec& layer : spec.layers) attention_of(layer).alibi_bias = bias;
}

Result<void> read_alibi(const Hyperparameters& keys, ModelSpec& spec) {
  HEARTH_ASSIGN(const auto bias, keys.number("attention.max_alibi_bias"));
  if (bias.value_or(0.0F) < 0.0F) return keys.invalid("attention.max_alibi_bias", "must not be negative");
  use_alibi(spec, bias.value_or(0.0F));
  return {};
}

Result<ModelSpec> gpt2(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_gpt(keys, RopePairs::kHalves));
  drop_rope(spec);
  spec.embedding.positions = spec.context_length;
  return spec;
}

}  // namespace hearth::families
