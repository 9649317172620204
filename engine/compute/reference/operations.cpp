#include "engine/compute/reference/operations.h"

#include <algorithm>
#include <cmath>

#include "engine/compute/reference/arithmetic.h"
#include "engine/compute/reference/memory.h"
#include "engine/format/dequantize.h"

namespace hearth::reference {
namespace {

/// (x - mean) * factor; the mean is 0 where the norm subtracts none.
struct Normalisation {
  double mean = 0.0;
  double factor = 0.0;
};

Normalisation normalisation_of(NormKind kind, std::span<const float> x, float epsilon) {
  const auto size = static_cast<double>(x.size());
  Normalisation result;
  if (kind == NormKind::kLayer) {
    for (const float value : x) result.mean += value / size;
  }
  double spread = 0.0;
  for (const float value : x) spread += (value - result.mean) * (value - result.mean) / size;
  result.factor = 1.0 / std::sqrt(spread + epsilon);
  return result;
}

}  // namespace

void embed(const Weight& table, std::span<const int32_t> tokens, float scale, Tensor out) {
  for (int64_t r = 0; r < out.rows; ++r) {
    const std::span<float> row = row_of(out, r);
    dequantize(table.type, row_of(table, tokens[static_cast<size_t>(r)]), row);
    for (float& value : row) value *= scale;
  }
}

void norm(NormKind kind, Tensor x, Vector weight, Vector bias, float epsilon, Tensor out) {
  const auto size = static_cast<size_t>(weight.size);
  const std::span<const float> weights = values_of(weight);
  const std::span<const float> biases = values_of(bias);
  for (size_t first = 0; first < values_of(x).size(); first += size) {
    const std::span<const float> from = values_of(x).subspan(first, size);
    const std::span<float> to = values_of(out).subspan(first, size);
    const Normalisation by = normalisation_of(kind, from, epsilon);
    for (size_t i = 0; i < size; ++i) {
      const double bias_here = biases.empty() ? 0.0 : biases[i];
      to[i] = static_cast<float>((from[i] - by.mean) * by.factor * weights[i] + bias_here);
    }
  }
}

void linear(Tensor x, std::span<const Projection> projections) {
  for (const Projection& projection : projections) {
    const std::vector<double> products = multiply(values_of(x), projection.weight);
    const std::span<const float> bias = values_of(projection.bias);
    const std::span<float> out = values_of(projection.out);
    for (size_t i = 0; i < out.size(); ++i) {
      out[i] = static_cast<float>(products[i] + (bias.empty() ? 0.0 : bias[i % bias.size()]));
    }
    if (projection.activation) activate(*projection.activation, projection.out);
  }
}

void gated_linear(Tensor x, const Weight& gate, const Weight& up, Activation activation, Tensor out) {
  const std::vector<double> gates = multiply(values_of(x), gate);
  const std::vector<double> ups = multiply(values_of(x), up);
  const std::span<float> to = values_of(out);
  for (size_t i = 0; i < to.size(); ++i) to[i] = static_cast<float>(activated(activation, gates[i]) * ups[i]);
}

void activate(Activation activation, Tensor x) {
  for (float& value : values_of(x)) value = static_cast<float>(activated(activation, value));
}

void rope(const Rope& rope, std::span<const int32_t> positions, int64_t head_dimension, Tensor x) {
  const auto pairs = static_cast<int64_t>(rope.frequencies.size());
  const bool adjacent = rope.pairs == RopePairs::kAdjacent;
  for (int64_t r = 0; r < x.rows; ++r) {
    const double position = positions[static_cast<size_t>(r)];
    for (int64_t head = 0; head < x.columns; head += head_dimension) {
      float* const first = row_of(x, r).data() + head;
      for (int64_t i = 0; i < pairs; ++i) {
        float& a = first[adjacent ? 2 * i : i];
        float& b = first[adjacent ? 2 * i + 1 : i + pairs];
        const double angle = position * rope.frequencies[static_cast<size_t>(i)];
        const double cosine = std::cos(angle) * rope.magnitude;
        const double sine = std::sin(angle) * rope.magnitude;
        const double turned_a = a * cosine - b * sine;
        const double turned_b = b * cosine + a * sine;
        a = static_cast<float>(turned_a);
        b = static_cast<float>(turned_b);
      }
    }
  }
}

void gate(Activation activation, Tensor gates, Tensor up, Tensor out) {
  const std::span<const float> from = values_of(gates);
  const std::span<const float> by = values_of(up);
  const std::span<float> to = values_of(out);
  for (size_t i = 0; i < to.size(); ++i) to[i] = static_cast<float>(activated(activation, from[i]) * by[i]);
}

void add_scaled(Tensor x, Tensor y, float scale) {
  const std::span<const float> from = values_of(y);
  const std::span<float> to = values_of(x);
  for (size_t i = 0; i < to.size(); ++i) {
    to[i] = static_cast<float>(static_cast<double>(to[i]) + static_cast<double>(from[i]) * scale);
  }
}

void add(Tensor x, Tensor y) {
  const std::span<const float> from = values_of(y);
  const std::span<float> to = values_of(x);
  for (size_t i = 0; i < to.size(); ++i) to[i] += from[i];
}

void soft_cap(float cap, Tensor x) {
  for (float& value : values_of(x)) value = static_cast<float>(capped(value, cap));
}

void gather_rows(Tensor x, std::span<const int32_t> rows, Tensor out) {
  for (int64_t r = 0; r < out.rows; ++r) {
    std::ranges::copy(row_of(x, rows[static_cast<size_t>(r)]), row_of(out, r).begin());
  }
}

}  // namespace hearth::reference
