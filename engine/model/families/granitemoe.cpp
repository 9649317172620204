// Granite 3 with experts, beside which some models have a shared one. Granite Team 2024.
#include "engine/model/families/family.h"
#include "engine/model/families/granite.h"

namespace hearth::families {

// rope.scaling.finetuned, by which Granite's other files say whether positions turn, says nothing here: files
// that llama.cpp saves anew have false there, and positions turn in all of them.
Result<ModelSpec> granitemoe(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kAdjacent));
  HEARTH_TRY(read_multipliers(keys, {}, spec));
  HEARTH_TRY(read_experts_of_granite(keys, spec));
  return spec;
}

}  // namespace hearth::families
