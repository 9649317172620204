// PLaMo 2 (Preferred Networks 2025): a Mamba whose channels stand in heads, with normalised steps, inputs and
// outputs, in most layers, and attention in the others; norms before and behind all of them.
#include <algorithm>
#include <cmath>

#include "engine/model/families/family.h"
#include "engine/model/families/state_space.h"

namespace hearth::families {
namespace {

Result<MambaSpec> read_plamo2_mamba(const Hyperparameters& keys, const ModelSpec& spec) {
  HEARTH_ASSIGN(MambaSpec mamba, read_mamba(keys));
  mamba.n_head = mamba.n_step;
  if (mamba.n_inner % mamba.n_head != 0) {
    return keys.invalid("ssm.time_step_rank", "must divide ssm.inner_size: it is the number of heads");
  }
  HEARTH_TRY(keys.optional_count("ssm.group_count", 0));  // all heads are one group, which files call none
  mamba.n_step = std::max<int64_t>(64, spec.n_embd() / 16);
  mamba.norm = spec.head.norm;
  mamba.is_by_head = true;
  return mamba;
}

}  // namespace

Result<ModelSpec> plamo2(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves, Absent::kHeads));
  HEARTH_ASSIGN(const MambaSpec mamba, read_plamo2_mamba(keys, spec));
  put_where_heads_are_absent(mamba, spec);
  for (LayerSpec& layer : spec.layers) {
    layer.norms = kNormsBeforeAndAfter;
    auto* const attention = std::get_if<AttentionSpec>(&layer.mixer);
    if (attention == nullptr) continue;
    attention->query_key_norm = spec.head.norm;
    attention->head_norm = HeadNorm::kEachOwn;
    attention->scale = 1.0F / std::sqrt(static_cast<float>(attention->value_dimension));
  }
  return spec;
}

}  // namespace hearth::families
