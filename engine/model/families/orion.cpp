// Orion (Chen et al. 2024): Llama's shape with layer norms.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> orion(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  return read_common(keys, NormKind::kLayer, RopePairs::kHalves);
}

}  // namespace hearth::families
