// Operations that go along a sequence and remember it in a state of one size: see Backend for what each does.
// Every column, or channel, goes through its rows one after the other, so that no cut of a text shows.
#pragma once

#include "engine/compute/backend.h"
#include "engine/compute/cpu/context.h"

namespace hearth::cpu {

void convolve(Context& context, const Convolution& convolution, const SlotStates& states,
              const BatchRows& rows, Tensor x, Tensor y);
void scan(Context& context, const SelectiveScan& scan, const SlotStates& states, const BatchRows& rows,
          const ScanInputs& inputs, Tensor y);

}  // namespace hearth::cpu
