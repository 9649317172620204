// Matrix products, and rows of a matrix.
#include "engine/compute/gpu/gpu_backend.h"

namespace hearth::gpu {

void GpuBackend::embed(const Weight& /*table*/, std::span<const int32_t> /*tokens*/, float /*scale*/,
                       Tensor /*out*/) {
  recorder_.call("embed", {}, {}, {1, 1, 1});
}

void GpuBackend::linear(Tensor /*x*/, std::span<const Projection> /*projections*/) {
  recorder_.call("linear", {}, {}, {1, 1, 1});
}

void GpuBackend::gated_linear(Tensor /*x*/, const Weight& /*gate*/, const Weight& /*up*/,
                              Activation /*activation*/, Tensor /*out*/) {
  recorder_.call("gated_linear", {}, {}, {1, 1, 1});
}

void GpuBackend::linear_by_head(Tensor /*x*/, const Weight& /*weight*/, Tensor /*out*/) {
  recorder_.call("linear_by_head", {}, {}, {1, 1, 1});
}

}  // namespace hearth::gpu
