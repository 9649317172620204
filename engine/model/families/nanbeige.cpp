// Nanbeige 4.2: Llama's layers, which every row goes through several times. Nanbeige Lab 2026.
#include <algorithm>

#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> nanbeige(const Gguf& gguf) {
  constexpr int32_t kMostInAll = 512;  // layers, each as often as it is gone through
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kAdjacent));
  const int32_t most_rounds = std::max(kMostInAll / spec.n_layer(), 1);
  HEARTH_ASSIGN(const auto rounds, keys.optional_count("num_loops", most_rounds));
  if (rounds && *rounds == 0) return keys.invalid("num_loops", "must be above 0");
  HEARTH_ASSIGN(const auto skips_norm, keys.flag("skip_loop_final_norm"));
  spec.n_round = rounds.value_or(1);
  spec.norms_rounds = !skips_norm.value_or(false);
  return spec;
}

}  // namespace hearth::families
