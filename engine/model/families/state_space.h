// Reading what families with selective state spaces have in common.
#pragma once

#include "engine/base/result.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/spec.h"

namespace hearth::families {

/// Mamba's sizes (ssm.*), with steps of ssm.time_step_rank numbers and a head for each channel.
Result<MambaSpec> read_mamba(const Hyperparameters& keys);

/// Mamba 2's, of which ssm.time_step_rank is the number of heads.
Result<Mamba2Spec> read_mamba2(const Hyperparameters& keys, const ModelSpec& spec);

/// Layers without heads of keys and values have a state space in their place.
void put_where_heads_are_absent(const MixerSpec& mixer, ModelSpec& spec);

}  // namespace hearth::families
