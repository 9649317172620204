#include "engine/compute/reference/operations.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <vector>

#include "engine/compute/highest.h"
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
      const double weight_here = weights.empty() ? 1.0 : weights[i];
      to[i] = static_cast<float>((from[i] - by.mean) * by.factor * weight_here + bias_here);
    }
  }
}

void multiply(Tensor x, Vector by) {
  const std::span<const float> factors = values_of(by);
  const std::span<float> values = values_of(x);
  for (size_t i = 0; i < values.size(); ++i) values[i] *= factors[i % factors.size()];
}

void add_vector(Tensor x, Vector y) {
  const std::span<const float> added = values_of(y);
  const std::span<float> values = values_of(x);
  for (size_t i = 0; i < values.size(); ++i) values[i] += added[i % added.size()];
}

void match_lengths(Tensor x, Tensor like) {
  for (int64_t r = 0; r < x.rows; ++r) {
    const double length = std::sqrt(dot(row_of(x, r), row_of(x, r)));
    const double wanted = std::sqrt(dot(row_of(like, r), row_of(like, r)));
    if (length == 0.0) continue;
    for (float& value : row_of(x, r)) value = static_cast<float>(value * (wanted / length));
  }
}

void keep_largest(float deviations, Tensor x) {
  for (int64_t r = 0; r < x.rows; ++r) {
    const std::span<float> row = row_of(x, r);
    const auto count = static_cast<double>(row.size());
    double mean = 0.0;
    for (const float value : row) mean += value / count;
    double spread = 0.0;
    for (const float value : row) spread += (value - mean) * (value - mean);
    const double least = mean + deviations * std::sqrt(spread / std::max(count - 1.0, 1.0));
    for (float& value : row) value = static_cast<float>(std::max(0.0, value - least));
  }
}

void linear(Tensor x, std::span<const Projection> projections) {
  for (const Projection& projection : projections) {
    const std::vector<double> products = multiply(values_of(x), projection.weight);
    const std::span<const float> bias = values_of(projection.bias);
    const double scale = projection.scale ? values_of(projection.scale).front() : 1.0;
    const std::span<float> out = values_of(projection.out);
    for (size_t i = 0; i < out.size(); ++i) {
      out[i] = static_cast<float>(products[i] * scale + (bias.empty() ? 0.0 : bias[i % bias.size()]));
    }
    if (projection.activation) activate(*projection.activation, projection.out);
  }
}

void gated_linear(Tensor x, const Weight& gate, const Weight& up, Activation activation, Tensor out) {
  const std::vector<double> gates = multiply(values_of(x), gate);
  const std::vector<double> ups = multiply(values_of(x), up);
  const std::span<float> to = values_of(out);
  for (size_t i = 0; i < to.size(); ++i) to[i] = static_cast<float>(gated(activation, gates[i], ups[i]));
}

void linear_by_head(Tensor x, const Weight& weight, Tensor out) {
  const int64_t n_head = x.columns / weight.columns;
  const int64_t outputs = weight.rows / n_head;
  for (int64_t r = 0; r < x.rows; ++r) {
    for (int64_t head = 0; head < n_head; ++head) {
      const auto own = row_of(x, r).subspan(static_cast<size_t>(head * weight.columns),
                                            static_cast<size_t>(weight.columns));
      const std::vector<double> products = multiply(own, weight.slice_rows(head * outputs, outputs));
      std::ranges::transform(products, row_of(out, r).begin() + head * outputs,
                             [](double product) { return static_cast<float>(product); });
    }
  }
}

void copy_heads(const HeadColumns& from, const HeadColumns& to, int64_t count) {
  for (int64_t r = 0; r < to.x.rows; ++r) {
    for (int64_t head = 0; head < to.n_head; ++head) {
      const int64_t source = from.n_head == 1 ? 0 : head;
      std::copy_n(row_of(from.x, r).begin() + source * from.head_columns() + from.first, count,
                  row_of(to.x, r).begin() + head * to.head_columns() + to.first);
    }
  }
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
  const auto run = static_cast<size_t>(up.columns / gates.columns);
  for (size_t i = 0; i < to.size(); ++i) to[i] = static_cast<float>(gated(activation, from[i / run], by[i]));
}

void add_scaled(Tensor x, Tensor y, float scale) {
  const std::span<const float> from = values_of(y);
  const std::span<float> to = values_of(x);
  for (size_t i = 0; i < to.size(); ++i) {
    to[i] = static_cast<float>(static_cast<double>(to[i]) + static_cast<double>(from[i]) * scale);
  }
}

void add_weighted(Tensor x, Tensor y, Tensor weights, int64_t column) {
  for (int64_t r = 0; r < x.rows; ++r) {
    const double weight = row_of(weights, r)[static_cast<size_t>(column)];
    const std::span<const float> from = row_of(y, r);
    const std::span<float> to = row_of(x, r);
    for (size_t i = 0; i < to.size(); ++i) to[i] = static_cast<float>(to[i] + from[i] * weight);
  }
}

void scale(float factor, Tensor x) {
  for (float& value : values_of(x)) value *= factor;
}

void add(Tensor x, Tensor y) {
  const std::span<const float> from = values_of(y);
  const std::span<float> to = values_of(x);
  for (size_t i = 0; i < to.size(); ++i) to[i] += from[i];
}

void soft_cap(float cap, Tensor x) {
  for (float& value : values_of(x)) value = static_cast<float>(capped(value, cap));
}

void scale_rows(Tensor x, std::span<const float> factors) {
  for (int64_t r = 0; r < x.rows; ++r) {
    for (float& value : row_of(x, r)) value *= factors[static_cast<size_t>(r)];
  }
}

void clamp(float limit, Tensor x) {
  for (float& value : values_of(x)) value = std::clamp(value, -limit, limit);
}

void gather_rows(Tensor x, std::span<const int32_t> rows, Tensor out) {
  for (int64_t r = 0; r < out.rows; ++r) {
    std::ranges::copy(row_of(x, rows[static_cast<size_t>(r)]), row_of(out, r).begin());
  }
}

void find_highest(Tensor x, int64_t columns, Tensor out) {
  for (int64_t r = 0; r < x.rows; ++r) {
    const std::span<const float> row = row_of(x, r);
    std::vector<int32_t> best;
    for (int32_t column = 0; column < columns; ++column) {
      if (row[static_cast<size_t>(column)] > -std::numeric_limits<float>::infinity()) best.push_back(column);
    }
    std::ranges::stable_sort(best, std::greater(),
                             [&](int32_t column) { return row[static_cast<size_t>(column)]; });
    best.resize(Highest::kCount, Highest::kNone);
    Highest highest{};
    for (size_t i = 0; i < best.size(); ++i) {
      highest.columns[i] = best[i];
      if (best[i] != Highest::kNone) highest.values[i] = row[static_cast<size_t>(best[i])];
    }
    std::memcpy(row_of(out, r).data(), &highest, sizeof(highest));
  }
}

}  // namespace hearth::reference
