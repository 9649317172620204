#include "engine/compute/cpu/recurrence.h"

#include <algorithm>
#include <array>
#include <vector>

#include "engine/compute/host.h"

namespace hearth::cpu {
namespace {

/// The rows of a batch that are one sequence's, and its state.
struct Run {
  std::vector<int64_t> rows;
  float* state;
};

std::vector<Run> runs_of(const SlotStates& states, const BatchRows& rows) {
  std::vector<Run> runs;
  runs.reserve(rows.slots.size());
  for (const int32_t slot : rows.slots) runs.push_back({{}, floats_of(states.of(slot))});
  for (size_t row = 0; row < rows.sequences.size(); ++row) {
    runs[static_cast<size_t>(rows.sequences[row])].rows.push_back(static_cast<int64_t>(row));
  }
  return runs;
}

/// Some columns of a convolution.
struct Columns {
  int64_t first, count;
};

/// The taps of some columns, those of one place side by side.
float* turn_taps(const Convolution& convolution, Columns columns, float* turned) {
  const float* const taps = floats_of(convolution.taps) + columns.first * convolution.count;
  for (int64_t k = 0; k < convolution.count; ++k) {
    for (int64_t c = 0; c < columns.count; ++c) {
      turned[k * columns.count + c] = taps[c * convolution.count + k];
    }
  }
  return turned;
}

void convolve_run(const VectorKernels& kernels, const Convolution& convolution, const Run& run,
                  Columns columns, const float* taps, Tensor x, Tensor y) {
  const int64_t before = convolution.count - 1;
  /// Row `index` of the run; those before it are in the state.
  const auto row_of_run = [&](int64_t index) -> float* {
    float* const row = index < 0 ? run.state + (before + index) * x.columns
                                 : floats_of(x) + run.rows[static_cast<size_t>(index)] * x.columns;
    return row + columns.first;
  };
  const float* const bias = convolution.bias ? floats_of(convolution.bias) + columns.first : nullptr;
  std::array<const float*, Convolution::kMostTaps> inputs;
  const auto length = static_cast<int64_t>(run.rows.size());
  for (int64_t index = 0; index < length; ++index) {
    for (int64_t k = 0; k <= before; ++k) inputs[static_cast<size_t>(k)] = row_of_run(index - before + k);
    float* const out = floats_of(y) + run.rows[static_cast<size_t>(index)] * y.columns + columns.first;
    kernels.weighted_sum(inputs.data(), taps, convolution.count, bias, columns.count, out);
  }
  for (int64_t k = 0; k < before; ++k) {
    std::copy_n(row_of_run(length - before + k), columns.count, row_of_run(k - before));
  }
}

/// How the channels of a scan are cut: a piece is of whole heads of one channel, or of channels of one head.
struct ScanPieces {
  ScanPieces(const SelectiveScan& scan, int64_t channels) : head_channels(channels / scan.n_head) {
    constexpr int64_t kFloats = 4096;  // of states: 16 KiB, which the first cache holds beside their inputs
    // Channels that share what goes in and out, and the decay.
    span = head_channels == 1 ? channels / scan.n_group : head_channels;
    most = std::min(span, std::max<int64_t>(1, kFloats / scan.n_state));
    in_span = (span + most - 1) / most;
    count = channels / span * in_span;
  }
  Columns columns(int64_t piece) const {
    const int64_t start = piece % in_span * most;
    return {piece / in_span * span + start, std::min(most, span - start)};
  }

  int64_t head_channels, span, most, in_span, count;
};

/// The first of a piece's numbers in each of what belongs to its heads.
ScanRow scan_row_of(const SelectiveScan& scan, const ScanPieces& pieces, Columns columns) {
  const int64_t head = columns.first / pieces.head_channels;
  const bool shares_decay = scan.decay.size == scan.n_head;
  ScanRow row;
  row.channels = columns.count;
  row.head_channels = pieces.head_channels;
  row.n_state = scan.n_state;
  row.shares_decay = shares_decay;
  row.decay = floats_of(scan.decay) + (shares_decay ? head : head * scan.n_state);
  row.skip = floats_of(scan.skip) + head;
  return row;
}

}  // namespace

void convolve(Context& context, const Convolution& convolution, const SlotStates& states,
              const BatchRows& rows, Tensor x, Tensor y) {
  constexpr int64_t kColumns = 256;
  const std::vector<Run> runs = runs_of(states, rows);
  const int64_t pieces = (x.columns + kColumns - 1) / kColumns;
  parallel_for(context, pieces, x.rows * kColumns * convolution.count, [&](int64_t piece, int thread) {
    const int64_t first = piece * kColumns;
    const Columns columns{first, std::min(kColumns, x.columns - first)};
    float* const room = context.scratch(thread).floats.floats(convolution.count * kColumns);
    const float* const taps = turn_taps(convolution, columns, room);
    for (const Run& run : runs) {
      if (!run.rows.empty()) convolve_run(context.vector, convolution, run, columns, taps, x, y);
    }
  });
}

void scan(Context& context, const SelectiveScan& scan, const SlotStates& states, const BatchRows& rows,
          const ScanInputs& inputs, Tensor y) {
  const std::vector<Run> runs = runs_of(states, rows);
  const ScanPieces pieces(scan, y.columns);
  parallel_for(context, pieces.count, y.rows * pieces.most * scan.n_state, [&](int64_t piece, int) {
    const Columns columns = pieces.columns(piece);
    const int64_t head = columns.first / pieces.head_channels;
    const int64_t group = head / (scan.n_head / scan.n_group);
    ScanRow at = scan_row_of(scan, pieces, columns);
    for (const Run& run : runs) {
      at.state = run.state + columns.first * scan.n_state;
      for (const int64_t row : run.rows) {
        at.step = floats_of(inputs.step) + row * scan.n_head + head;
        at.x = floats_of(inputs.x) + row * y.columns + columns.first;
        at.in = floats_of(inputs.in) + row * inputs.in.columns + group * scan.n_state;
        at.out = floats_of(inputs.out) + row * inputs.out.columns + group * scan.n_state;
        at.y = floats_of(y) + row * y.columns + columns.first;
        context.vector.scan_row(at);
      }
    }
  });
}

}  // namespace hearth::cpu
