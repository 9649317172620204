// Grove MoE: Qwen 3 with experts in groups, each with a smaller expert of its own that goes with those chosen
// of it. Wu et al. 2025. (llama.cpp has it read what the others gave, and weighs it by the scores of other
// experts.)
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> grovemoe(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  normalise_heads(spec);
  HEARTH_ASSIGN(const auto own, keys.optional_count("expert_chunk_feed_forward_length", kMaxWidth));
  HEARTH_ASSIGN(const auto scale, keys.number("expert_group_scale"));
  HEARTH_ASSIGN(const auto count, keys.count("expert_count", kMaxExperts));
  HEARTH_ASSIGN(const auto group_size, keys.count("experts_per_group", count));
  if (!scale) return keys.invalid("expert_group_scale", "is missing");
  if (count % group_size != 0) return keys.invalid("experts_per_group", "must divide expert_count");
  const int64_t head = attention_of(spec.layers.front()).key_dimension;
  ExpertFamily family{.divides_width = true};
  family.defaults.adjugates = AdjugatesSpec{own.value_or(0) > 0 ? *own : head, group_size, *scale};
  HEARTH_TRY(read_experts(keys, family, spec));
  return spec;
}

}  // namespace hearth::families
