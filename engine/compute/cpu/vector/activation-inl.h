// Activations, and what they open as gates. Needs F32.
#pragma once

#include <cstdint>

#include "engine/compute/cpu/vector/elementwise-inl.h"
#include "engine/compute/cpu/vector/math-inl.h"

namespace hearth::cpu {
namespace {

inline F32 relu(F32 x) { return larger(x, zero()); }

/// Activation::Kind::kXielu. With m = min(x, epsilon), e^m - 1 - x is (e^m - 1 - m) + (m - x), of which
/// nothing cancels.
struct Xielu {
  explicit Xielu(const Activation::Xielu& by)
      : alpha_n(broadcast(by.alpha_n)),
        alpha_p(broadcast(by.alpha_p)),
        beta(broadcast(by.beta)),
        epsilon(broadcast(by.epsilon)) {}

  F32 operator()(F32 x) const {
    const F32 least = smaller(x, epsilon);
    const F32 below = alpha_n * (exponential_beyond_line(least) + (least - x));
    const F32 bend = select_if_less(zero(), x, alpha_p * x * x, below);
    return multiply_add(beta, x, bend);
  }

  F32 alpha_n, alpha_p, beta, epsilon;
};

constexpr float kSwishLimit = 7.0F;

inline F32 clamped_swish(F32 x) {
  const F32 least = smaller(x, broadcast(kSwishLimit));
  return least * sigmoid(broadcast(1.702F) * least);
}

/// use(function of a register), of the activation's function.
template <typename Use>
inline void with_function_of(const Activation& activation, Use use) {
  switch (activation.kind) {
    case Activation::Kind::kSilu:
      return use([](F32 x) { return silu(x); });
    case Activation::Kind::kGeluTanh:
      return use([](F32 x) { return gelu_tanh(x); });
    case Activation::Kind::kSoftplus:
      return use([](F32 x) { return softplus(x); });
    case Activation::Kind::kRelu:
      return use([](F32 x) { return relu(x); });
    case Activation::Kind::kReluSquared:
      return use([](F32 x) { return relu(x) * relu(x); });
    case Activation::Kind::kSigmoid:
      return use([](F32 x) { return sigmoid(x); });
    case Activation::Kind::kIdentity:
      return use([](F32 x) { return x; });
    case Activation::Kind::kXielu:
      return use(Xielu(activation.xielu));
    case Activation::Kind::kClampedSwish:
      return use([](F32 x) { return clamped_swish(x); });
  }
}

void activate(const Activation& activation, int64_t count, float* x) {
  with_function_of(activation, [=](auto function) { for_each_register(count, x, x, function); });
}

void gate(const Activation& activation, const float* gates, const float* up, int64_t count, float* out) {
  if (activation.kind == Activation::Kind::kClampedSwish) {
    const F32 limit = broadcast(kSwishLimit);
    return for_each_register(count, gates, up, out, [=](F32 a, F32 b) {
      return clamped_swish(a) * (clamped(b, limit) + broadcast(1.0F));
    });
  }
  const bool is_limited = activation.limit > 0.0F;
  const F32 limit = broadcast(activation.limit);
  with_function_of(activation, [=](auto function) {
    if (!is_limited) {
      for_each_register(count, gates, up, out, [=](F32 a, F32 b) { return function(a) * b; });
    } else {
      for_each_register(count, gates, up, out,
                        [=](F32 a, F32 b) { return smaller(function(a), limit) * clamped(b, limit); });
    }
  });
}

}  // namespace
}  // namespace hearth::cpu
