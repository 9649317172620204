// Qwen 2 and 2.5: Llama's shape with biases on q, k and v (found by presence) and rope over halves.
// Yang et al. 2024. Of Qwen 2 VL and 2.5 VL (Wang et al. 2024) what reads texts is the same.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/rope_sections.h"

namespace hearth::families {

Result<ModelSpec> qwen2(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  return read_common(keys, NormKind::kRms, RopePairs::kHalves);
}

Result<ModelSpec> qwen2vl(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, qwen2(gguf));
  HEARTH_TRY(apply_rope_sections(keys, false, spec));
  return spec;
}

}  // namespace hearth::families
