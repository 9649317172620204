#include "engine/compute/cpu/linear.h"

#include <algorithm>
#include <array>
#include <vector>

#include "engine/compute/host.h"

namespace hearth::cpu {
namespace {

/// Rows are prepared in groups, because kernels may lay several side by side.
constexpr int64_t kRowGroup = 16;

/// Tasks of a region for each thread: the last one to finish keeps the others waiting for half a task, about
/// one and a half percent of the region.
constexpr int64_t kTasksPerThread = 32;

/// Floats of output that a task writes at most, where many rows share a panel of weights: two tiles of so
/// many (gate and up) leave room in a level 2 cache of 1 MiB for the panel and the input that streams past
/// it.
constexpr int64_t kTileFloats = 32 * 1024;

void prepare(Context& context, Tensor x, std::span<const BlockType> weight_types) {
  context.input.begin(x, weight_types);
  const int64_t groups = (x.rows + kRowGroup - 1) / kRowGroup;
  parallel_for(context, groups, kRowGroup * x.columns, [&](int64_t group, int) {
    const int64_t first = group * kRowGroup;
    context.input.prepare_rows(x, first, std::min(kRowGroup, x.rows - first));
  });
}

/// What becomes of products, while they are in a near cache.
void finish(const VectorKernels& kernels, const Projection& projection, int64_t first, int64_t count) {
  const Tensor& out = projection.out;
  for (int64_t r = 0; r < out.rows; ++r) {
    float* const products = floats_of(out) + r * out.columns + first;
    if (projection.scale) kernels.scale(floats_of(projection.scale)[0], count, products);
    if (projection.bias) kernels.add(floats_of(projection.bias) + first, count, products);
    if (projection.activation) kernels.activate(*projection.activation, count, products);
  }
}

}  // namespace

int64_t outputs_per_task(const Context& context, int64_t rows, int64_t outputs) {
  const int64_t granule = context.matrix.output_granule(rows);
  const int64_t share = outputs / (kTasksPerThread * context.pool.thread_count());
  const int64_t most = kTileFloats / std::max<int64_t>(1, rows);
  return std::max<int64_t>(1, std::min(share, most) / granule) * granule;
}

void linear(Context& context, Tensor x, std::span<const Projection> projections) {
  std::vector<BlockType> types;
  int64_t outputs = 0;
  for (const Projection& projection : projections) {
    types.push_back(projection.weight.type);
    outputs += projection.weight.rows;
  }
  prepare(context, x, types);

  const int64_t step = outputs_per_task(context, x.rows, outputs);
  const auto tasks_of = [&](const Projection& p) { return (p.weight.rows + step - 1) / step; };
  int64_t tasks = 0;
  for (const Projection& projection : projections) tasks += tasks_of(projection);
  context.pool.run(tasks, [&](int64_t task, int thread) {
    auto projection = projections.begin();
    for (; task >= tasks_of(*projection); ++projection) task -= tasks_of(*projection);
    const int64_t first = task * step;
    const int64_t count = std::min(step, projection->weight.rows - first);
    context.matrix.multiply(projection->weight, context.input.for_weight(projection->weight.type), first,
                            count, projection->out, context.scratch(thread).panel);
    if (projection->scale || projection->bias || projection->activation) {
      finish(context.vector, *projection, first, count);
    }
  });
}

void multiply_gated(Context& context, const Weight& gate, const Weight& up, Activation activation,
                    const PreparedForms& input, int64_t first, int64_t count, Tensor out, int thread) {
  ThreadScratch& scratch = context.scratch(thread);
  float* const tiles = scratch.floats.floats(2 * out.rows * count);
  const Tensor gate_tile = tensor_at(tiles, out.rows, count);
  const Tensor up_tile = tensor_at(tiles + out.rows * count, out.rows, count);
  context.matrix.multiply(gate, input.for_weight(gate.type), first, count, gate_tile, scratch.panel);
  context.matrix.multiply(up, input.for_weight(up.type), first, count, up_tile, scratch.panel);
  for (int64_t r = 0; r < out.rows; ++r) {
    context.vector.gate(activation, floats_of(gate_tile) + r * count, floats_of(up_tile) + r * count, count,
                        floats_of(out) + r * out.columns + first);
  }
}

void gated_linear(Context& context, Tensor x, const Weight& gate, const Weight& up, Activation activation,
                  Tensor out) {
  prepare(context, x, std::array{gate.type, up.type});
  const int64_t step = outputs_per_task(context, x.rows, out.columns);
  context.pool.run((out.columns + step - 1) / step, [&](int64_t task, int thread) {
    const int64_t first = task * step;
    multiply_gated(context, gate, up, activation, context.input, first, std::min(step, out.columns - first),
                   out, thread);
  });
}

// Heads are to rows as a batch is to its rows: each head's input is gathered and prepared by itself, the
// outputs of all heads are shared out.
void linear_by_head(Context& context, Tensor x, const Weight& weight, Tensor out) {
  const int64_t n_head = x.columns / weight.columns;
  const Tensor gathered =
      tensor_at(context.shared.floats(x.rows * x.columns), n_head * x.rows, weight.columns);
  const auto own = [&](int64_t head) { return gathered.slice_rows(head * x.rows, x.rows); };
  std::vector<PreparedForms>& inputs = context.expert_inputs;
  while (std::ssize(inputs) < n_head) inputs.emplace_back(context.matrix);
  for (int64_t head = 0; head < n_head; ++head) {
    inputs[static_cast<size_t>(head)].begin(own(head), std::array{weight.type});
  }
  parallel_for(context, n_head, x.rows * weight.columns, [&](int64_t head, int) {
    for (int64_t r = 0; r < x.rows; ++r) {
      std::copy_n(floats_of(x) + r * x.columns + head * weight.columns, weight.columns,
                  floats_of(own(head)) + r * weight.columns);
    }
    inputs[static_cast<size_t>(head)].prepare_rows(own(head), 0, x.rows);
  });

  const int64_t outputs = weight.rows / n_head;
  const int64_t step = outputs_per_task(context, x.rows, weight.rows);
  const int64_t steps = (outputs + step - 1) / step;
  context.pool.run(n_head * steps, [&](int64_t task, int thread) {
    const int64_t head = task / steps;
    const int64_t first = task % steps * step;
    context.matrix.multiply(weight, inputs[static_cast<size_t>(head)].for_weight(weight.type),
                            head * outputs + first, std::min(step, outputs - first), out,
                            context.scratch(thread).panel);
  });
}

}  // namespace hearth::cpu
