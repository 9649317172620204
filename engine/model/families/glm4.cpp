// ChatGLM 3, GLM 4 and GLM-4-0414 (GLM Team 2024): half of each head turns, gate and up are one matrix; the
// last has norms behind each part, too.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/nextn.h"
#include "engine/model/families/rope_sections.h"

namespace hearth::families {

Result<ModelSpec> chatglm(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  return read_common(keys, NormKind::kRms, RopePairs::kAdjacent);
}

Result<ModelSpec> glm4(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(const bool has_sections, read_rope_sections(keys));
  HEARTH_ASSIGN(ModelSpec spec,
                read_common(keys, NormKind::kRms, has_sections ? RopePairs::kHalves : RopePairs::kAdjacent));
  if (has_sections) HEARTH_TRY(apply_rope_sections(keys, false, spec));
  for (LayerSpec& layer : spec.layers) layer.norms = kNormsBeforeAndAfter;
  HEARTH_TRY(leave_out_nextn(keys, spec));
  return spec;
}

}  // namespace hearth::families
