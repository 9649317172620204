// Recurrences with a matrix as each head's state, as engine/compute/linear_attention.h writes them.
#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/compute/reference/arithmetic.h"
#include "engine/compute/reference/memory.h"
#include "engine/compute/reference/operations.h"

namespace hearth::reference {
namespace {

using Doubles = std::vector<double>;

Buffer state_of(const SlotStates& states, const KeptRows& rows, int64_t row) {
  const auto sequence = static_cast<size_t>(rows.sequences[static_cast<size_t>(row)]);
  return states.of(rows.slots[sequence]);
}

/// A head's part of a row or of a vector.
Doubles part_of(std::span<const float> values, int64_t head, int64_t count) {
  const auto part = values.subspan(static_cast<size_t>(head * count), static_cast<size_t>(count));
  return {part.begin(), part.end()};
}

double dot_of(const Doubles& x, const Doubles& y) {
  double sum = 0.0;
  for (size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
  return sum;
}

Doubles product(const Doubles& x, const Doubles& y) {
  Doubles result(x.size());
  for (size_t i = 0; i < x.size(); ++i) result[i] = x[i] * y[i];
  return result;
}

Doubles scaled(Doubles x, double factor) {
  for (double& value : x) value *= factor;
  return x;
}

Doubles of_length_one(const Doubles& x, double epsilon) {
  return scaled(x, 1.0 / std::sqrt(dot_of(x, x) + epsilon));
}

/// A head's state: [values, keys].
class State {
 public:
  State(Buffer memory, int64_t head, int64_t values, int64_t keys)
      : values_(static_cast<size_t>(values)),
        keys_(static_cast<size_t>(keys)),
        floats_(values_of(
            {memory.at(static_cast<uint64_t>(head * values * keys) * sizeof(float)), values, keys})) {
    matrix_.assign(floats_.begin(), floats_.end());
  }

  void decay(const Doubles& by) {
    for (size_t i = 0; i < matrix_.size(); ++i) matrix_[i] *= by[i % keys_];
  }
  void add(const Doubles& values, const Doubles& keys) {
    for (size_t i = 0; i < matrix_.size(); ++i) matrix_[i] += values[i / keys_] * keys[i % keys_];
  }
  Doubles read(const Doubles& query) const {
    Doubles found(values_);
    for (size_t i = 0; i < matrix_.size(); ++i) found[i / keys_] += matrix_[i] * query[i % keys_];
    return found;
  }
  void store() {
    for (size_t i = 0; i < matrix_.size(); ++i) floats_[i] = static_cast<float>(matrix_[i]);
  }

 private:
  size_t values_, keys_;
  std::span<float> floats_;
  Doubles matrix_;
};

void put(const Doubles& values, Tensor out, int64_t row, int64_t head) {
  const auto first = static_cast<size_t>(head) * values.size();
  for (size_t i = 0; i < values.size(); ++i) row_of(out, row)[first + i] = static_cast<float>(values[i]);
}

Doubles normed(const GroupNorm& norm, int64_t head, Doubles x) {
  if (!norm.weight) return x;
  const auto count = static_cast<int64_t>(x.size());
  const Doubles weight = part_of(values_of(norm.weight), head, count);
  const Doubles bias = part_of(values_of(norm.bias), head, count);
  double mean = 0.0;
  double variance = 0.0;
  for (const double value : x) mean += value / static_cast<double>(count);
  for (const double value : x) variance += (value - mean) * (value - mean) / static_cast<double>(count);
  for (size_t i = 0; i < x.size(); ++i) {
    x[i] = (x[i] - mean) / std::sqrt(variance + norm.epsilon) * weight[i] + bias[i];
  }
  return x;
}

Doubles decay_of(const DeltaRule& rule, const DeltaRuleInputs& inputs, int64_t row, int64_t head) {
  const int64_t width = inputs.decay.columns / rule.n_head;
  const Doubles bias = part_of(values_of(rule.decay_bias), head, width);
  const double rate = values_of(rule.decay_rate)[static_cast<size_t>(head)];
  Doubles decay = part_of(row_of(inputs.decay, row), head, width);
  for (size_t i = 0; i < decay.size(); ++i) {
    decay[i] = std::exp(rate * std::log1p(std::exp(decay[i] + bias[i])));
  }
  decay.resize(static_cast<size_t>(rule.key_dimension), decay.front());
  return decay;
}

}  // namespace

void delta_rule(const DeltaRule& rule, const SlotStates& states, const KeptRows& rows,
                const DeltaRuleInputs& inputs, Tensor out) {
  for (int64_t row = 0; row < out.rows; ++row) {
    for (int64_t head = 0; head < rule.n_head; ++head) {
      const int64_t head_key =
          rule.neighbours_share_keys ? head / (rule.n_head / rule.n_head_key) : head % rule.n_head_key;
      const Doubles q =
          of_length_one(part_of(row_of(inputs.q, row), head_key, rule.key_dimension), rule.epsilon);
      const Doubles k =
          of_length_one(part_of(row_of(inputs.k, row), head_key, rule.key_dimension), rule.epsilon);
      const double strength = row_of(inputs.strength, row)[static_cast<size_t>(head)];
      State state(state_of(states, rows, row), head, rule.value_dimension, rule.key_dimension);
      state.decay(decay_of(rule, inputs, row, head));
      Doubles change = part_of(row_of(inputs.v, row), head, rule.value_dimension);
      const Doubles known = state.read(k);
      for (size_t i = 0; i < change.size(); ++i) change[i] = (change[i] - known[i]) * strength;
      state.add(change, k);
      put(scaled(state.read(q), 1.0 / std::sqrt(static_cast<double>(rule.key_dimension))), out, row, head);
      state.store();
    }
  }
}

void wkv6(const Wkv6& rule, const SlotStates& states, const KeptRows& rows, const Wkv6Inputs& inputs,
          Tensor out) {
  const int64_t count = rule.head_dimension;
  for (int64_t row = 0; row < out.rows; ++row) {
    for (int64_t head = 0; head < rule.n_head; ++head) {
      const int64_t head_kv = head / (rule.n_head / rule.n_head_kv);
      const Doubles r = part_of(row_of(inputs.r, row), head, count);
      const Doubles v = part_of(row_of(inputs.v, row), head_kv, count);
      Doubles k = part_of(row_of(inputs.k, row), head_kv, count);
      Doubles decay = part_of(row_of(inputs.decay, row), head, count);
      for (double& value : decay) value = std::exp(-std::exp(value));
      State state(state_of(states, rows, row), head, count, count);
      Doubles found;
      if (rule.bonus) {
        State with_bonus = state;
        with_bonus.add(v, product(part_of(values_of(rule.bonus), head, count), k));
        found = with_bonus.read(r);
      } else {
        for (size_t i = 0; i < k.size(); ++i) k[i] *= 1.0 - decay[i];
      }
      state.decay(decay);
      state.add(v, k);
      if (!rule.bonus) found = scaled(state.read(r), 1.0 / std::sqrt(static_cast<double>(count)));
      put(normed(rule.norm, head, found), out, row, head);
      state.store();
    }
  }
}

void wkv7(const Wkv7& rule, const SlotStates& states, const KeptRows& rows, const Wkv7Inputs& inputs,
          Tensor out) {
  const int64_t count = rule.head_dimension;
  for (int64_t row = 0; row < out.rows; ++row) {
    for (int64_t head = 0; head < rule.n_head; ++head) {
      const Doubles r = part_of(row_of(inputs.r, row), head, count);
      const Doubles v = part_of(row_of(inputs.v, row), head, count);
      const Doubles a = part_of(row_of(inputs.a, row), head, count);
      const Doubles k = part_of(row_of(inputs.k, row), head, count);
      Doubles decay = part_of(row_of(inputs.decay, row), head, count);
      for (double& value : decay) value = std::exp(-std::exp(-0.5) / (1.0 + std::exp(-value)));
      const Doubles removal_key = product(k, part_of(values_of(rule.removal_key), head, count));
      const double length = std::sqrt(dot_of(removal_key, removal_key));
      const Doubles removal = scaled(removal_key, 1.0 / std::max(length, 1e-12));
      const Doubles replacement_key = part_of(values_of(rule.replacement_key), head, count);
      Doubles key = k;
      for (size_t i = 0; i < key.size(); ++i) key[i] *= 1.0 + (a[i] - 1.0) * replacement_key[i];

      State state(state_of(states, rows, row), head, count, count);
      const Doubles known = state.read(removal);
      state.decay(decay);
      state.add(scaled(known, -1.0), product(a, removal));
      state.add(v, key);
      Doubles found = normed(rule.norm, head, state.read(r));
      const double bonus = dot_of(key, product(part_of(values_of(rule.bonus), head, count), r));
      for (size_t i = 0; i < found.size(); ++i) found[i] += v[i] * bonus;
      put(found, out, row, head);
      state.store();
    }
  }
}

void shift(const SlotStates& states, const KeptRows& rows, Tensor x, Tensor out) {
  for (int64_t row = 0; row < x.rows; ++row) {
    const std::span<float> last = values_of({state_of(states, rows, row), 1, x.columns});
    std::ranges::copy(last, row_of(out, row).begin());
    std::ranges::copy(row_of(x, row), last.begin());
  }
}

void blend(Tensor x, Tensor y, const Blend& by, Tensor out) {
  const auto columns = static_cast<size_t>(x.columns);
  for (size_t i = 0; i < values_of(x).size(); ++i) {
    const double from = values_of(x)[i];
    const double fixed = by.weight ? values_of(by.weight)[i % columns] : 0.0F;
    const double amount = fixed + (by.amounts.data ? values_of(by.amounts)[i] : 0.0F);
    values_of(out)[i] = static_cast<float>(from + (values_of(y)[i] - from) * amount);
  }
}

}  // namespace hearth::reference
