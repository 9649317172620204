// ERNIE 4.5 (Baidu 2025), the dense models: Llama's shape.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> ernie4_5(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  return read_common(keys, NormKind::kRms, RopePairs::kAdjacent);
}

}  // namespace hearth::families
