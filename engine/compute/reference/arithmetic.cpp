#include "engine/compute/reference/arithmetic.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "engine/base/half.h"
#include "engine/compute/reference/memory.h"
#include "engine/format/dequantize.h"

namespace hearth::reference {
namespace {

double rounded_to_half(double x) { return f16_to_f32(f32_to_f16(static_cast<float>(x))); }

double gelu_tanh(double x) {
  const double slope = std::numbers::sqrt2 * std::numbers::inv_sqrtpi;
  return 0.5 * x * (1.0 + std::tanh(slope * (x + 0.044715 * x * x * x)));
}

double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

double xielu(const Activation::Xielu& by, double x) {
  if (x > 0.0) return by.alpha_p * x * x + by.beta * x;
  return by.alpha_n * (std::expm1(std::min<double>(x, by.epsilon)) - x) + by.beta * x;
}

}  // namespace

double dot(std::span<const float> a, std::span<const float> b) {
  // In several sums, as each addition waits for the one before it.
  std::array<double, 8> sums{};
  for (size_t i = 0; i < a.size(); ++i) sums[i % sums.size()] += static_cast<double>(a[i]) * b[i];
  double total = 0.0;
  for (const double sum : sums) total += sum;
  return total;
}

std::vector<double> multiply(std::span<const float> x, const Weight& weight) {
  const auto columns = static_cast<size_t>(weight.columns);
  const auto outputs = static_cast<size_t>(weight.rows);
  std::vector<double> products(x.size() / columns * outputs);
  std::vector<float> decoded(columns);
  for (size_t j = 0; j < outputs; ++j) {
    dequantize(weight.type, row_of(weight, static_cast<int64_t>(j)), decoded);
    for (size_t r = 0; r < x.size() / columns; ++r) {
      products[r * outputs + j] = dot(x.subspan(r * columns, columns), decoded);
    }
  }
  return products;
}

double activated(Activation activation, double x) {
  switch (activation.kind) {
    case Activation::Kind::kSilu:
      return x * sigmoid(x);
    case Activation::Kind::kGeluTanh:
      return std::abs(x) < 10.0 ? rounded_to_half(gelu_tanh(rounded_to_half(x))) : gelu_tanh(x);
    case Activation::Kind::kSoftplus:
      return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
    case Activation::Kind::kRelu:
      return std::max(x, 0.0);
    case Activation::Kind::kReluSquared:
      return std::max(x, 0.0) * std::max(x, 0.0);
    case Activation::Kind::kSigmoid:
      return sigmoid(x);
    case Activation::Kind::kIdentity:
      return x;
    case Activation::Kind::kXielu:
      return xielu(activation.xielu, x);
    case Activation::Kind::kClampedSwish:
      return std::min(x, 7.0) * sigmoid(1.702 * std::min(x, 7.0));
  }
  return 0.0;
}

double gated(Activation activation, double gate, double up) {
  const double opened = activated(activation, gate);
  if (activation.kind == Activation::Kind::kClampedSwish) return opened * (1.0 + std::clamp(up, -7.0, 7.0));
  if (activation.limit == 0.0F) return opened * up;
  const double limit = activation.limit;
  return std::min(opened, limit) * std::clamp(up, -limit, limit);
}

double capped(double x, double cap) { return cap * std::tanh(x / cap); }

void softmax(std::span<double> values) {
  const double largest = *std::ranges::max_element(values);
  double sum = 0.0;
  for (double& value : values) sum += value = std::exp(value - largest);
  for (double& value : values) value /= sum;
}

}  // namespace hearth::reference
