// Recurrences with a matrix as each head's state (engine/compute/linear_attention.h), and what RWKV mixes
// neighbouring positions by. A task is a head with all rows, one after the other: the same steps however the
// rows came in batches.
#pragma once

#include "engine/compute/backend.h"
#include "engine/compute/cpu/context.h"

namespace hearth::cpu {

void delta_rule(Context& context, const DeltaRule& rule, const SlotStates& states, const BatchRows& rows,
                const DeltaRuleInputs& inputs, Tensor out);
void wkv6(Context& context, const Wkv6& rule, const SlotStates& states, const BatchRows& rows,
          const Wkv6Inputs& inputs, Tensor out);
void wkv7(Context& context, const Wkv7& rule, const SlotStates& states, const BatchRows& rows,
          const Wkv7Inputs& inputs, Tensor out);
void shift(const SlotStates& states, const BatchRows& rows, Tensor x, Tensor out);
void blend(Context& context, Tensor x, Tensor y, const Blend& by, Tensor out);

}  // namespace hearth::cpu
