#include "engine/compute/cpu/linear_attention.h"

#include <algorithm>
#include <cmath>

#include "engine/compute/host.h"

namespace hearth::cpu {
namespace {

const float* row_at(Tensor x, int64_t row) { return floats_of(x) + row * x.columns; }
float* row_to(Tensor x, int64_t row) { return floats_of(x) + row * x.columns; }

float* state_of(const SlotStates& states, const BatchRows& rows, int64_t row) {
  const int32_t sequence = rows.sequences[static_cast<size_t>(row)];
  return floats_of(states.of(rows.slots[static_cast<size_t>(sequence)]));
}

/// The operands of a head's steps, in a thread's memory to work in.
struct Operands {
  Operands(Context& context, int thread, int64_t dimension)
      : vector(context.vector), count(dimension), queries(context.scratch(thread).floats.floats(5 * count)) {}

  void copy_scaled(const float* from, float factor, float* to) const {
    std::copy_n(from, count, to);
    vector.scale(factor, count, to);
  }
  float squared_length_of(const float* x) const { return vector.dot(x, x, count); }
  MatrixStateStep step(const float* values, float* state, float* out) const {
    return {.key_dimension = count,
            .value_dimension = count,
            .queries = queries,
            .keys = keys,
            .decays = decays,
            .removed = nullptr,
            .replacement = nullptr,
            .query_key = 0.0F,
            .query_replacement = 0.0F,
            .values = values,
            .state = state,
            .out = out};
  }

  const VectorKernels& vector;
  int64_t count;
  float* queries;
  float* keys = queries + count;
  float* decays = keys + count;
  float* removed = decays + count;
  float* replacement = removed + count;
};

void norm_head(const VectorKernels& vector, const GroupNorm& norm, int64_t first, int64_t count, float* out) {
  if (!norm.weight) return;
  vector.layer_norm(out, floats_of(norm.weight) + first, floats_of(norm.bias) + first, norm.epsilon, count,
                    out);
}

constexpr float kLeastLength = 1e-12F;  // from which RWKV 7 brings keys to length 1

/// One call of delta_rule.
struct DeltaRuleRun {
  const DeltaRule& rule;
  const SlotStates& states;
  const BatchRows& rows;
  const DeltaRuleInputs& inputs;
  Tensor out;

  void decay(const Operands& with, int64_t row, int64_t head) const {
    const bool each_dimension = inputs.decay.columns > rule.n_head;
    const int64_t width = each_dimension ? rule.key_dimension : 1;
    const float* const from = row_at(inputs.decay, row) + head * width;
    std::copy_n(from, width, with.decays);
    with.vector.softplus_decay(floats_of(rule.decay_bias) + head * width, floats_of(rule.decay_rate)[head],
                               width, with.decays);
    if (!each_dimension) std::fill_n(with.decays + 1, rule.key_dimension - 1, with.decays[0]);
  }

  void step(const Operands& with, int64_t row, int64_t head) const {
    const VectorKernels& vector = with.vector;
    const int64_t count = rule.key_dimension;
    const int64_t head_key =
        rule.neighbours_share_keys ? head / (rule.n_head / rule.n_head_key) : head % rule.n_head_key;
    const float* const q = row_at(inputs.q, row) + head_key * count;
    const float* const k = row_at(inputs.k, row) + head_key * count;
    const float strength = row_at(inputs.strength, row)[head];
    decay(with, row, head);
    const float scale = 1.0F / std::sqrt(static_cast<float>(count));
    const auto to_length_one = [&](const float* x) {
      return 1.0F / std::sqrt(with.squared_length_of(x) + rule.epsilon);
    };
    with.copy_scaled(q, to_length_one(q) * scale, with.queries);
    with.copy_scaled(k, to_length_one(k), with.removed);
    with.copy_scaled(with.removed, strength, with.keys);
    const float query_key = vector.dot(with.queries, with.keys, count);
    vector.multiply(with.decays, with.queries, count, with.queries);
    vector.multiply(with.decays, with.removed, count, with.removed);

    const int64_t first = head * rule.value_dimension;
    MatrixStateStep by = with.step(row_at(inputs.v, row) + first, state_of(states, rows, row) + first * count,
                                   row_to(out, row) + first);
    by.value_dimension = rule.value_dimension;
    by.removed = with.removed;
    by.query_key = query_key;
    vector.step_matrix_state(by);
  }
};

/// One call of wkv6.
struct Wkv6Run {
  const Wkv6& rule;
  const SlotStates& states;
  const BatchRows& rows;
  const Wkv6Inputs& inputs;
  Tensor out;

  /// The output reads the state before the step, and the new value by the bonus.
  float read_before(const Operands& with, const float* r, int64_t first) const {
    const float* const bonus = floats_of(rule.bonus) + first;
    with.vector.multiply(r, bonus, with.count, with.queries);
    const float query_key = with.vector.dot(with.queries, with.keys, with.count);
    std::copy_n(r, with.count, with.queries);
    return query_key;
  }

  /// The output reads the state behind the step, where a key counts as much as what decays makes room for.
  float read_after(const Operands& with, const float* r) const {
    const VectorKernels& vector = with.vector;
    vector.multiply(with.keys, with.decays, with.count, with.queries);
    vector.combine(1.0F, with.queries, -1.0F, with.count, with.keys);
    with.copy_scaled(r, 1.0F / std::sqrt(static_cast<float>(with.count)), with.queries);
    const float query_key = vector.dot(with.queries, with.keys, with.count);
    vector.multiply(with.decays, with.queries, with.count, with.queries);
    return query_key;
  }

  void step(const Operands& with, int64_t row, int64_t head) const {
    const int64_t count = with.count;
    const int64_t first = head * count;
    const int64_t first_kv = head / (rule.n_head / rule.n_head_kv) * count;
    std::copy_n(row_at(inputs.decay, row) + first, count, with.decays);
    with.vector.double_exponential_decay(count, with.decays);
    std::copy_n(row_at(inputs.k, row) + first_kv, count, with.keys);
    const float* const r = row_at(inputs.r, row) + first;
    const float query_key = rule.bonus ? read_before(with, r, first) : read_after(with, r);

    float* const to = row_to(out, row) + first;
    MatrixStateStep by =
        with.step(row_at(inputs.v, row) + first_kv, state_of(states, rows, row) + first * count, to);
    by.query_key = query_key;
    with.vector.step_matrix_state(by);
    norm_head(with.vector, rule.norm, first, count, to);
  }
};

/// One call of wkv7.
struct Wkv7Run {
  const Wkv7& rule;
  const SlotStates& states;
  const BatchRows& rows;
  const Wkv7Inputs& inputs;
  Tensor out;

  void step(const Operands& with, int64_t row, int64_t head) const {
    const VectorKernels& vector = with.vector;
    const int64_t count = with.count;
    const int64_t first = head * count;
    const float* const r = row_at(inputs.r, row) + first;
    const float* const k = row_at(inputs.k, row) + first;
    const float* const v = row_at(inputs.v, row) + first;
    const float* const a = row_at(inputs.a, row) + first;
    std::copy_n(row_at(inputs.decay, row) + first, count, with.decays);
    vector.sigmoid_decay(count, with.decays);
    vector.multiply(k, floats_of(rule.removal_key) + first, count, with.removed);
    vector.scale(1.0F / std::max(std::sqrt(with.squared_length_of(with.removed)), kLeastLength), count,
                 with.removed);
    vector.multiply(with.removed, a, count, with.replacement);
    vector.scale(-1.0F, count, with.replacement);
    // k' = k + (a k_a - k_a) with k_a = k * replacement_key.
    vector.multiply(k, floats_of(rule.replacement_key) + first, count, with.queries);
    vector.multiply(a, with.queries, count, with.keys);
    vector.combine(1.0F, with.queries, -1.0F, count, with.keys);
    vector.add(k, count, with.keys);

    float* const to = row_to(out, row) + first;
    MatrixStateStep by = with.step(v, state_of(states, rows, row) + first * count, to);
    by.removed = with.removed;
    by.replacement = with.replacement;
    by.query_key = vector.dot(r, with.keys, count);
    by.query_replacement = vector.dot(r, with.replacement, count);
    vector.multiply(r, floats_of(rule.bonus) + first, count, with.queries);
    const float bonus = vector.dot(with.queries, with.keys, count);
    vector.multiply(with.decays, r, count, with.queries);
    vector.step_matrix_state(by);
    norm_head(vector, rule.norm, first, count, to);
    vector.combine(1.0F, v, bonus, count, to);
  }
};

/// Runs a rule's steps: heads at once, the rows of a head in order.
template <typename Run>
void run_heads(Context& context, int64_t n_head, int64_t dimension, int64_t state_floats, int64_t rows,
               const Run& run) {
  parallel_for(context, n_head, rows * state_floats, [&](int64_t head, int thread) {
    const Operands with(context, thread, dimension);
    for (int64_t row = 0; row < rows; ++row) run.step(with, row, head);
  });
}

}  // namespace

void delta_rule(Context& context, const DeltaRule& rule, const SlotStates& states, const BatchRows& rows,
                const DeltaRuleInputs& inputs, Tensor out) {
  run_heads(context, rule.n_head, rule.key_dimension, rule.key_dimension * rule.value_dimension, out.rows,
            DeltaRuleRun{rule, states, rows, inputs, out});
}

void wkv6(Context& context, const Wkv6& rule, const SlotStates& states, const BatchRows& rows,
          const Wkv6Inputs& inputs, Tensor out) {
  run_heads(context, rule.n_head, rule.head_dimension, rule.head_dimension * rule.head_dimension, out.rows,
            Wkv6Run{rule, states, rows, inputs, out});
}

void wkv7(Context& context, const Wkv7& rule, const SlotStates& states, const BatchRows& rows,
          const Wkv7Inputs& inputs, Tensor out) {
  run_heads(context, rule.n_head, rule.head_dimension, rule.head_dimension * rule.head_dimension, out.rows,
            Wkv7Run{rule, states, rows, inputs, out});
}

void shift(const SlotStates& states, const BatchRows& rows, Tensor x, Tensor out) {
  std::vector<int64_t> before(rows.slots.size(), -1);  // the sequence's last row so far
  for (int64_t row = 0; row < x.rows; ++row) {
    int64_t& previous = before[static_cast<size_t>(rows.sequences[static_cast<size_t>(row)])];
    const float* const from = previous < 0 ? state_of(states, rows, row) : row_at(x, previous);
    std::copy_n(from, x.columns, row_to(out, row));
    previous = row;
  }
  for (const int64_t last : before) {
    if (last >= 0) std::copy_n(row_at(x, last), x.columns, state_of(states, rows, last));
  }
}

void blend(Context& context, Tensor x, Tensor y, const Blend& by, Tensor out) {
  parallel_for(context, x.rows, x.columns, [&](int64_t row, int thread) {
    const float* amounts = by.weight ? floats_of(by.weight) : row_at(by.amounts, row);
    if (by.weight && by.amounts.data) {
      float* const sums = context.scratch(thread).floats.floats(x.columns);
      std::copy_n(row_at(by.amounts, row), x.columns, sums);
      context.vector.add(amounts, x.columns, sums);
      amounts = sums;
    }
    context.vector.blend(row_at(x, row), row_at(y, row), amounts, x.columns, row_to(out, row));
  });
}

}  // namespace hearth::cpu
