#include <cmath>

#include "engine/compute/reference/memory.h"
#include "engine/compute/reference/operations.h"

namespace hearth::reference {
namespace {

/// What a layer remembers of the sequence of a row.
std::span<float> remembered_of(const SlotStates& states, const KeptRows& rows, int64_t row, int64_t count) {
  const auto sequence = static_cast<size_t>(rows.sequences[static_cast<size_t>(row)]);
  return values_of(Tensor{states.of(rows.slots[sequence]), 1, count});
}

}  // namespace

void convolve(const Convolution& convolution, const SlotStates& states, const KeptRows& rows, Tensor x,
              Tensor y) {
  const auto columns = static_cast<size_t>(x.columns);
  const auto count = static_cast<size_t>(convolution.count);
  const std::span<const float> taps = values_of(convolution.taps);
  const std::span<const float> bias = values_of(convolution.bias);
  for (int64_t r = 0; r < x.rows; ++r) {
    // The rows before this one, of which the first is forgotten behind it.
    const std::span<float> before =
        remembered_of(states, rows, r, static_cast<int64_t>(count - 1) * x.columns);
    const std::span<float> row = row_of(x, r);
    for (size_t c = 0; c < columns; ++c) {
      double sum = bias.empty() ? 0.0 : bias[c];
      for (size_t k = 0; k + 1 < count; ++k) {
        sum += static_cast<double>(taps[c * count + k]) * before[k * columns + c];
      }
      sum += static_cast<double>(taps[c * count + count - 1]) * row[c];
      row_of(y, r)[c] = static_cast<float>(sum);
    }
    for (size_t i = 0; i < before.size(); ++i) {
      before[i] = i + columns < before.size() ? before[i + columns] : row[i + columns - before.size()];
    }
  }
}

void scan(const SelectiveScan& scan, const SlotStates& states, const KeptRows& rows, const ScanInputs& inputs,
          Tensor y) {
  const int64_t channels = inputs.x.columns;
  const auto n_state = static_cast<size_t>(scan.n_state);
  const std::span<const float> decays = values_of(scan.decay);
  const bool shares_decay = scan.decay.size == scan.n_head;
  for (int64_t r = 0; r < y.rows; ++r) {
    const std::span<float> state = remembered_of(states, rows, r, channels * scan.n_state);
    for (int64_t channel = 0; channel < channels; ++channel) {
      const auto c = static_cast<size_t>(channel);
      const auto head = static_cast<size_t>(channel / (channels / scan.n_head));
      const size_t group = head / static_cast<size_t>(scan.n_head / scan.n_group);
      const double step = row_of(inputs.step, r)[head];
      const double x = row_of(inputs.x, r)[c];
      double sum = values_of(scan.skip)[head] * x;
      for (size_t i = 0; i < n_state; ++i) {
        const double decay = decays[shares_decay ? head : head * n_state + i];
        const double in = row_of(inputs.in, r)[group * n_state + i];
        const double next = std::exp(step * decay) * state[c * n_state + i] + step * x * in;
        sum += next * row_of(inputs.out, r)[group * n_state + i];
        state[c * n_state + i] = static_cast<float>(next);
      }
      row_of(y, r)[c] = static_cast<float>(sum);
    }
  }
}

}  // namespace hearth::reference
