#include "engine/compute/cpu/elementwise.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "engine/compute/host.h"
#include "engine/format/dequantize.h"

namespace hearth::cpu {
namespace {

/// Long rows (a vocabulary of logits) are cut into pieces of whole registers, so that one row keeps all
/// threads busy; every element still goes through the same instructions.
constexpr int64_t kPiece = 4096;

void for_each_piece(Context& context, Tensor x,
                    const std::function<void(int64_t first, int64_t count)>& function) {
  const int64_t elements = x.rows * x.columns;
  parallel_for(context, (elements + kPiece - 1) / kPiece, kPiece, [&](int64_t piece, int) {
    const int64_t first = piece * kPiece;
    function(first, std::min(kPiece, elements - first));
  });
}

/// The sum of (value - mean)^2, in the order of the row.
double squares_around(double mean, std::span<const float> row) {
  return std::accumulate(row.begin(), row.end(), 0.0,
                         [mean](double sum, float value) { return sum + (value - mean) * (value - mean); });
}

/// One gate opens several neighbours.
void gate_runs(Context& context, Activation activation, Tensor gates, Tensor up, Tensor out) {
  const int64_t run = up.columns / gates.columns;
  parallel_for(context, up.rows, up.columns, [&](int64_t r, int thread) {
    float* const spread = context.scratch(thread).floats.floats(up.columns);
    for (int64_t i = 0; i < gates.columns; ++i) {
      std::fill_n(spread + i * run, run, floats_of(gates)[r * gates.columns + i]);
    }
    const int64_t first = r * up.columns;
    context.vector.gate(activation, spread, floats_of(up) + first, up.columns, floats_of(out) + first);
  });
}

}  // namespace

void embed(Context& context, const Weight& table, std::span<const int32_t> tokens, float scale, Tensor out) {
  const auto row_bytes = static_cast<size_t>(table.row_bytes());
  parallel_for(context, out.rows, out.columns, [&](int64_t r, int) {
    const int64_t token = tokens[static_cast<size_t>(r)];
    const std::span<float> row(floats_of(out) + r * out.columns, static_cast<size_t>(out.columns));
    dequantize(table.type, {blocks_of(table.slice_rows(token, 1)), row_bytes}, row);
    if (scale != 1.0F) context.vector.scale(scale, out.columns, row.data());
  });
}

void norm(Context& context, NormKind kind, Tensor x, Vector weight, Vector bias, float epsilon, Tensor out) {
  const auto run_norm = kind == NormKind::kRms ? context.vector.rms_norm : context.vector.layer_norm;
  const int64_t runs = x.rows * x.columns / weight.size;
  parallel_for(context, runs, weight.size, [&](int64_t run, int) {
    const int64_t first = run * weight.size;
    run_norm(floats_of(x) + first, floats_of(weight), floats_of(bias), epsilon, weight.size,
             floats_of(out) + first);
  });
}

void multiply(Context& context, Tensor x, Vector by) {
  const int64_t runs = x.rows * x.columns / by.size;
  parallel_for(context, runs, by.size, [&](int64_t run, int) {
    float* const first = floats_of(x) + run * by.size;
    for (int64_t i = 0; i < by.size; ++i) first[i] *= floats_of(by)[i];
  });
}

void add_vector(Context& context, Tensor x, Vector y) {
  const int64_t runs = x.rows * x.columns / y.size;
  parallel_for(context, runs, y.size, [&](int64_t run, int) {
    float* const first = floats_of(x) + run * y.size;
    for (int64_t i = 0; i < y.size; ++i) first[i] += floats_of(y)[i];
  });
}

void match_lengths(Context& context, Tensor x, Tensor like) {
  parallel_for(context, x.rows, x.columns, [&](int64_t r, int) {
    const auto row_of = [&](Tensor tensor) {
      return std::span<float>(floats_of(tensor) + r * x.columns, static_cast<size_t>(x.columns));
    };
    const std::span<float> row = row_of(x);
    const double length = squares_around(0.0, row);
    if (length == 0.0) return;
    const double wanted = squares_around(0.0, row_of(like));
    context.vector.scale(static_cast<float>(std::sqrt(wanted / length)), x.columns, row.data());
  });
}

void keep_largest(Context& context, float deviations, Tensor x) {
  parallel_for(context, x.rows, x.columns, [&](int64_t r, int) {
    const std::span<float> row(floats_of(x) + r * x.columns, static_cast<size_t>(x.columns));
    const auto count = static_cast<double>(row.size());
    const double mean = std::accumulate(row.begin(), row.end(), 0.0) / count;
    const double spread = squares_around(mean, row) / std::max(count - 1.0, 1.0);
    const auto least = static_cast<float>(mean + deviations * std::sqrt(spread));
    for (float& value : row) value = std::max(0.0F, value - least);
  });
}

void activate(Context& context, Activation activation, Tensor x) {
  for_each_piece(context, x, [&](int64_t first, int64_t count) {
    context.vector.activate(activation, count, floats_of(x) + first);
  });
}

void gate(Context& context, Activation activation, Tensor gates, Tensor up, Tensor out) {
  if (gates.columns < up.columns) return gate_runs(context, activation, gates, up, out);
  for_each_piece(context, out, [&](int64_t first, int64_t count) {
    context.vector.gate(activation, floats_of(gates) + first, floats_of(up) + first, count,
                        floats_of(out) + first);
  });
}

void add_scaled(Context& context, Tensor x, Tensor y, float scale) {
  for_each_piece(context, x, [&](int64_t first, int64_t count) {
    context.vector.combine(1.0F, floats_of(y) + first, scale, count, floats_of(x) + first);
  });
}

void add_weighted(Context& context, Tensor x, Tensor y, Tensor weights, int64_t column) {
  parallel_for(context, x.rows, x.columns, [&](int64_t r, int) {
    const float weight = floats_of(weights)[r * weights.columns + column];
    const int64_t first = r * x.columns;
    context.vector.combine(1.0F, floats_of(y) + first, weight, x.columns, floats_of(x) + first);
  });
}

void scale(Context& context, float factor, Tensor x) {
  for_each_piece(context, x, [&](int64_t first, int64_t count) {
    context.vector.scale(factor, count, floats_of(x) + first);
  });
}

void add(Context& context, Tensor x, Tensor y) {
  for_each_piece(context, x, [&](int64_t first, int64_t count) {
    context.vector.add(floats_of(y) + first, count, floats_of(x) + first);
  });
}

void soft_cap(Context& context, float cap, Tensor x) {
  for_each_piece(context, x, [&](int64_t first, int64_t count) {
    context.vector.soft_cap(cap, count, floats_of(x) + first);
  });
}

void scale_rows(Context& context, Tensor x, std::span<const float> factors) {
  parallel_for(context, x.rows, x.columns, [&](int64_t r, int) {
    const float factor = factors[static_cast<size_t>(r)];
    context.vector.scale(factor, x.columns, floats_of(x) + r * x.columns);
  });
}

void clamp(Context& context, float limit, Tensor x) {
  for_each_piece(context, x, [&](int64_t first, int64_t count) {
    context.vector.clamp(limit, count, floats_of(x) + first);
  });
}

void copy_heads(Context& context, const HeadColumns& from, const HeadColumns& to, int64_t count) {
  const int64_t next = from.n_head == 1 ? 0 : from.head_columns();
  parallel_for(context, to.x.rows, to.n_head * count, [&](int64_t r, int) {
    const float* source = floats_of(from.x) + r * from.x.columns + from.first;
    float* target = floats_of(to.x) + r * to.x.columns + to.first;
    for (int64_t head = 0; head < to.n_head; ++head, source += next, target += to.head_columns()) {
      std::copy_n(source, count, target);
    }
  });
}

void gather_rows(Context& context, Tensor x, std::span<const int32_t> rows, Tensor out) {
  parallel_for(context, out.rows, out.columns, [&](int64_t r, int) {
    const float* const from = floats_of(x) + rows[static_cast<size_t>(r)] * x.columns;
    std::copy_n(from, x.columns, floats_of(out) + r * out.columns);
  });
}

}  // namespace hearth::cpu
