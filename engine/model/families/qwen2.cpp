// Qwen 2 and 2.5: Llama's shape with biases on q, k and v (found by presence) and rope over halves.
// Yang et al. 2024.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> qwen2(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  return read_common(keys, NormKind::kRms, RopePairs::kHalves);
}

}  // namespace hearth::families
