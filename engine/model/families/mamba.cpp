// Mamba (Gu & Dao 2023) and Mamba 2 (Dao & Gu 2024): layers of a state space and nothing else. Falcon Mamba
// (Zuo et al. 2024) is a Mamba that normalises what its state space is told.
#include "engine/model/families/family.h"
#include "engine/model/families/state_space.h"

namespace hearth::families {
namespace {

ModelSpec with_mixers_alone(ModelSpec spec, const MixerSpec& mixer) {
  for (LayerSpec& layer : spec.layers) {
    layer.mixer = mixer;
    layer.feed_forward = std::monostate{};
  }
  return spec;
}

}  // namespace

Result<ModelSpec> mamba(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kAdjacent, Absent::kAllowed));
  HEARTH_ASSIGN(MambaSpec mixer, read_mamba(keys));
  HEARTH_ASSIGN(const auto normalises, keys.flag("ssm.dt_b_c_rms"));
  if (normalises.value_or(false)) {
    mixer.norm = spec.head.norm;
    mixer.norm->has_weights = false;
  }
  return with_mixers_alone(std::move(spec), mixer);
}

Result<ModelSpec> mamba2(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kAdjacent, Absent::kAllowed));
  HEARTH_ASSIGN(const Mamba2Spec mixer, read_mamba2(keys, spec));
  return with_mixers_alone(std::move(spec), mixer);
}

}  // namespace hearth::families
