// What goes over activations element by element, or copies them.
#include "engine/compute/gpu/gpu_backend.h"

namespace hearth::gpu {

void GpuBackend::multiply(Tensor /*x*/, Vector /*by*/) { recorder_.call("multiply", {}, {}, {1, 1, 1}); }

void GpuBackend::add_vector(Tensor /*x*/, Vector /*y*/) { recorder_.call("add_vector", {}, {}, {1, 1, 1}); }

void GpuBackend::match_lengths(Tensor /*x*/, Tensor /*like*/) {
  recorder_.call("match_lengths", {}, {}, {1, 1, 1});
}

void GpuBackend::keep_largest(float /*deviations*/, Tensor /*x*/) {
  recorder_.call("keep_largest", {}, {}, {1, 1, 1});
}

void GpuBackend::activate(Activation /*activation*/, Tensor /*x*/) {
  recorder_.call("activate", {}, {}, {1, 1, 1});
}

void GpuBackend::gate(Activation /*activation*/, Tensor /*gates*/, Tensor /*up*/, Tensor /*out*/) {
  recorder_.call("gate", {}, {}, {1, 1, 1});
}

void GpuBackend::add(Tensor /*x*/, Tensor /*y*/) { recorder_.call("add", {}, {}, {1, 1, 1}); }

void GpuBackend::add_scaled(Tensor x, Tensor y, float scale) {
  const uint64_t count = x.bytes() / sizeof(float);
  recorder_.call("add", {writes(x), reads(y)}, {static_cast<uint32_t>(count), scale},
                 recorder_.groups_for(count, 256));
}

void GpuBackend::add_weighted(Tensor /*x*/, Tensor /*y*/, Tensor /*weights*/, int64_t /*column*/) {
  recorder_.call("add_weighted", {}, {}, {1, 1, 1});
}

void GpuBackend::scale(float /*factor*/, Tensor /*x*/) { recorder_.call("scale", {}, {}, {1, 1, 1}); }

void GpuBackend::soft_cap(float /*cap*/, Tensor /*x*/) { recorder_.call("soft_cap", {}, {}, {1, 1, 1}); }

void GpuBackend::scale_rows(Tensor /*x*/, std::span<const float> /*factors*/) {
  recorder_.call("scale_rows", {}, {}, {1, 1, 1});
}

void GpuBackend::clamp(float /*limit*/, Tensor /*x*/) { recorder_.call("clamp", {}, {}, {1, 1, 1}); }

void GpuBackend::gather_rows(Tensor /*x*/, std::span<const int32_t> /*rows*/, Tensor /*out*/) {
  recorder_.call("gather_rows", {}, {}, {1, 1, 1});
}

void GpuBackend::copy_heads(const HeadColumns& /*from*/, const HeadColumns& /*to*/, int64_t /*count*/) {
  recorder_.call("copy_heads", {}, {}, {1, 1, 1});
}

void GpuBackend::blend(Tensor /*x*/, Tensor /*y*/, const Blend& /*by*/, Tensor /*out*/) {
  recorder_.call("blend", {}, {}, {1, 1, 1});
}

}  // namespace hearth::gpu
