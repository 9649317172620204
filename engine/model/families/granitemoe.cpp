// Granite 3 with experts, beside which some models have a shared one. Granite Team 2024.
#include "engine/model/families/family.h"

namespace hearth::families {

Result<ModelSpec> granitemoe(const Gguf& gguf) { return granite(gguf); }

}  // namespace hearth::families
