// What remembers a sequence in a state of one size.
#include "engine/compute/gpu/gpu_backend.h"

namespace hearth::gpu {

void GpuBackend::convolve(const Convolution& /*convolution*/, const SlotStates& /*states*/,
                          const BatchRows& /*rows*/, Tensor /*x*/, Tensor /*y*/) {
  recorder_.call("convolve", {}, {}, {1, 1, 1});
}

void GpuBackend::scan(const SelectiveScan& /*scan*/, const SlotStates& /*states*/, const BatchRows& /*rows*/,
                      const ScanInputs& /*inputs*/, Tensor /*y*/) {
  recorder_.call("scan", {}, {}, {1, 1, 1});
}

void GpuBackend::delta_rule(const DeltaRule& /*rule*/, const SlotStates& /*states*/,
                            const BatchRows& /*rows*/, const DeltaRuleInputs& /*inputs*/, Tensor /*out*/) {
  recorder_.call("delta_rule", {}, {}, {1, 1, 1});
}

void GpuBackend::wkv6(const Wkv6& /*rule*/, const SlotStates& /*states*/, const BatchRows& /*rows*/,
                      const Wkv6Inputs& /*inputs*/, Tensor /*out*/) {
  recorder_.call("wkv6", {}, {}, {1, 1, 1});
}

void GpuBackend::wkv7(const Wkv7& /*rule*/, const SlotStates& /*states*/, const BatchRows& /*rows*/,
                      const Wkv7Inputs& /*inputs*/, Tensor /*out*/) {
  recorder_.call("wkv7", {}, {}, {1, 1, 1});
}

void GpuBackend::shift(const SlotStates& /*states*/, const BatchRows& /*rows*/, Tensor /*x*/,
                       Tensor /*out*/) {
  recorder_.call("shift", {}, {}, {1, 1, 1});
}

}  // namespace hearth::gpu
