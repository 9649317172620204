// Decoders that know no positions but what a score loses by distance (ALiBi, Press et al. 2022). BLOOM
// (BigScience Workshop 2022) normalises what it looks up; Refact (2023) has gated networks and RMS norms.
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

Result<ModelSpec> refact(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  use_alibi(spec, 8.0F);
  return spec;
}

}  // namespace hearth::families
