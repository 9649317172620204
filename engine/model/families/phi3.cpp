// Phi 3, 3.5 and 4-mini: Llama's shape with fused matrices and, for long contexts, longrope's factors (two
// tensors; see weights.h). Its sliding window is not applied, as in llama.cpp. Abdin et al. 2024.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> phi3(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  return read_common(keys, NormKind::kRms, RopePairs::kHalves);
}

}  // namespace hearth::families
