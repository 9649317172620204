// Baichuan (Yang et al. 2023): Llama's shape with rope in the 7B models, and ALiBi in the 13B, which are told
// by their 40 layers. XVERSE (2023) is of the same shape, always with rope.
#include "engine/model/families/family.h"
#include "engine/model/families/gpt.h"

namespace hearth::families {

Result<ModelSpec> xverse(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  return read_common(keys, NormKind::kRms, RopePairs::kAdjacent);
}

Result<ModelSpec> baichuan(const Gguf& gguf) {
  HEARTH_ASSIGN(ModelSpec spec, xverse(gguf));
  constexpr int32_t kLayersOf7B = 32;
  constexpr int32_t kLayersOf13B = 40;
  if (spec.n_layer() == kLayersOf13B) {
    use_alibi(spec, 8.0F);
  } else if (spec.n_layer() != kLayersOf7B) {
    drop_rope(spec);  // as in llama.cpp, which knows no positions then
  }
  return spec;
}

}  // namespace hearth::families
