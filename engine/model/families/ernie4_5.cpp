// ERNIE 4.5 (Baidu 2025), the dense models: Llama's shape; and the language model of PaddleOCR-VL (Cui et al.
// 2025), whose pairs lie over halves.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/rope_sections.h"

namespace hearth::families {

Result<ModelSpec> ernie4_5(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  return read_common(keys, NormKind::kRms, RopePairs::kAdjacent);
}

Result<ModelSpec> paddleocr(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  HEARTH_TRY(apply_rope_sections(keys, false, spec));
  return spec;
}

}  // namespace hearth::families
