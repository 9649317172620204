// Decoders that know no positions but what a score loses by distance (ALiBi, Press et al. 2022). BLOOM
// (BigScience Workshop 2022) normalises what it looks up; MPT (MosaicML 2023) may clamp what attention reads,
// normalise queries and keys, divide what its activations give, or, without ALiBi, add a vector for each
// position; Refact (2023) has gated networks and RMS norms.
#include "engine/model/families/family.h"
#include "engine/model/families/gpt.h"

namespace hearth::families {

Result<ModelSpec> bloom(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_gpt(keys, RopePairs::kHalves));
  use_alibi(spec, 8.0F);
  spec.embedding.norm = spec.head.norm;
  return spec;
}

Result<ModelSpec> mpt(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_gpt(keys, RopePairs::kHalves));
  HEARTH_TRY(read_alibi(keys, spec));
  HEARTH_ASSIGN(const auto clamp, keys.number("attention.clamp_kqv"));
  if (clamp.value_or(0.0F) < 0.0F) return keys.invalid("attention.clamp_kqv", "must not be negative");
  for (LayerSpec& layer : spec.layers) {
    AttentionSpec& attention = attention_of(layer);
    attention.query_key_norm = layer.norm;
    attention.query_key_norm_is_optional = true;
    attention.head_norm = HeadNorm::kAll;
    attention.clamp = clamp.value_or(0.0F);
    std::get<PlainSpec>(layer.feed_forward).may_divide = true;
  }
  spec.embedding.positions = spec.context_length;
  spec.embedding.positions_optional = true;
  return spec;
}

Result<ModelSpec> refact(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  use_alibi(spec, 8.0F);
  return spec;
}

}  // namespace hearth::families
