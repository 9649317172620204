// Granite 3 with experts, beside which some models have a shared one. Granite Team 2024.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/granite.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> granitemoe(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, granite(gguf));
  HEARTH_ASSIGN(const auto count, keys.optional_count("expert_count", kMaxExperts));
  if (count.value_or(0) == 0) return spec;
  HEARTH_ASSIGN(const auto shared, keys.optional_count("expert_shared_feed_forward_length", kMaxWidth));
  HEARTH_TRY(read_experts(keys, {.is_as_wide_as_network = true}, spec));
  add_shared_expert(spec, {.n_ff = shared.value_or(0)});
  return spec;
}

}  // namespace hearth::families
