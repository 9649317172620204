// Granite 4 (IBM 2025): Mamba 2 in most layers and attention in the others, with experts or a single network
// behind either; Granite's scales on what is embedded, added and said.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/granite.h"
#include "engine/model/families/state_space.h"

namespace hearth::families {
namespace {

Result<void> read_granite_experts(const Hyperparameters& keys, ModelSpec& spec) {
  HEARTH_ASSIGN(const auto n_expert, keys.optional_count("expert_count", kMaxWidth));
  if (n_expert.value_or(0) == 0) return {};
  HEARTH_TRY(read_experts(keys, {}, spec));
  HEARTH_ASSIGN(const auto shared, keys.optional_count("expert_shared_feed_forward_length", kMaxWidth));
  add_shared_expert(spec, {.n_ff = shared.value_or(0)});
  return {};
}

}  // namespace

Result<ModelSpec> granite_hybrid(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kAdjacent, Absent::kHeads));
  HEARTH_ASSIGN(const Mamba2Spec mamba, read_mamba2(keys, spec));
  put_where_heads_are_absent(mamba, spec);
  HEARTH_TRY(read_multipliers(keys, {.logits = 1.0F}, spec));
  HEARTH_TRY(read_whether_positions_turn(keys, spec));
  HEARTH_TRY(read_granite_experts(keys, spec));
  return spec;
}

}  // namespace hearth::families
