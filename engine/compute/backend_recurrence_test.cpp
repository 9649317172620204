// Operations that go along sequences and remember them: every device's beside the reference device's, and the
// same texts in one batch and in many.
#include <gtest/gtest.h>

#include <functional>
#include <utility>
#include <vector>

#include "engine/compute/backend_testing.h"

namespace hearth {
namespace {

/// Rows of three sequences, of which no two stand together, in slots of their own among others.
struct Texts {
  std::vector<int32_t> sequences{0, 2, 0, 1, 2, 0, 0, 2, 0, 1, 0};
  std::vector<int32_t> slots{4, 1, 2};

  int64_t count() const { return static_cast<int64_t>(sequences.size()); }
};

constexpr int64_t kSlots = 6;

/// Runs an operation over some of the rows.
using RunRows = std::function<void(const BatchRows& rows, int64_t first, int64_t count)>;

class BackendRecurrence : public ComparedWithReference {
 protected:
  /// In batches that begin at the first row and at each of `cuts`.
  static void run_in_batches(const Texts& texts, std::vector<int64_t> cuts, const RunRows& run_rows) {
    const std::vector<int32_t> positions(texts.sequences.size());
    cuts.insert(cuts.begin(), 0);
    cuts.push_back(texts.count());
    for (size_t i = 0; i + 1 < cuts.size(); ++i) {
      const auto first = static_cast<size_t>(cuts[i]);
      const auto count = static_cast<size_t>(cuts[i + 1] - cuts[i]);
      const BatchRows rows{std::span(positions).subspan(first, count),
                           std::span(texts.sequences).subspan(first, count),
                           {},
                           texts.slots};
      run_rows(rows, cuts[i], cuts[i + 1] - cuts[i]);
    }
  }

  /// What `operation` gives does not depend on how the rows were cut, to the bit.
  void expect_cuts_change_nothing(const std::function<Operation(std::vector<int64_t> cuts)>& cut) {
    const auto result = [&](const std::vector<int64_t>& cuts) { return on_device(cut(cuts)); };
    const std::vector<float> whole = result({});
    EXPECT_EQ(result({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}), whole);
    EXPECT_EQ(result({4, 9}), whole);
  }
};

/// The outputs, and then the states.
Operation convolution_of(int64_t columns, int64_t count, bool has_bias, std::vector<int64_t> cuts,
                         void (*run_in_batches)(const Texts&, std::vector<int64_t>, const RunRows&)) {
  return [=](DeviceRun& run) {
    const Texts texts;
    const Tensor x = run.tensor(random_values(texts.count(), columns, 1));
    const Tensor y = run.tensor(texts.count(), columns);
    const Convolution convolution{count, run.vector(random_values(columns, count, 2)),
                                  has_bias ? run.vector(random_values(1, columns, 3)) : Vector()};
    // Between the states of this layer others may lie.
    const int64_t stride = (count - 1) * columns + 64;
    const Tensor states = run.tensor(random_values(kSlots, stride, 4));
    const SlotStates slots{states.data, static_cast<uint64_t>(stride) * sizeof(float)};
    run_in_batches(texts, cuts, [&](const BatchRows& rows, int64_t first, int64_t rows_count) {
      run.device.convolve(convolution, slots, rows, x.slice_rows(first, rows_count),
                          y.slice_rows(first, rows_count));
    });
    std::vector<float> results = run.read(y);
    const std::vector<float> remembered = run.read(states);
    results.insert(results.end(), remembered.begin(), remembered.end());
    return results;
  };
}

TEST_P(BackendRecurrence, ConvolveLooksBackIntoItsStateAndRemembersTheLastRows) {
  for (const auto& [columns, count] :
       {std::pair<int64_t, int64_t>{300, 4}, {37, 3}, {1, 2}, {520, 1}, {8, 12}}) {
    for (const bool has_bias : {false, true}) {
      expect_same(convolution_of(columns, count, has_bias, {}, run_in_batches), 2e-6);
    }
  }
}

TEST_P(BackendRecurrence, ConvolveGivesTheSameHoweverTextsAreCut) {
  expect_cuts_change_nothing([](std::vector<int64_t> cuts) {
    return convolution_of(300, 4, true, std::move(cuts), run_in_batches);
  });
}

struct ScanShape {
  int64_t n_head, head_channels, n_group, n_state;
  bool shares_decay;
};

Values below_zero(int64_t rows, int64_t columns, uint32_t seed) {
  Values values = random_values(rows, columns, seed);
  for (float& value : values.floats) value = -std::abs(value) - 0.01F;
  return values;
}

Values above_zero(int64_t rows, int64_t columns, uint32_t seed) {
  Values values = below_zero(rows, columns, seed);
  for (float& value : values.floats) value = -value;
  return values;
}

/// The outputs, and then the states.
Operation scan_of(const ScanShape& shape, std::vector<int64_t> cuts,
                  void (*run_in_batches)(const Texts&, std::vector<int64_t>, const RunRows&)) {
  return [=](DeviceRun& run) {
    const Texts texts;
    const int64_t channels = shape.n_head * shape.head_channels;
    const int64_t shared = shape.n_group * shape.n_state;
    const SelectiveScan scan{shape.n_state, shape.n_head, shape.n_group,
                             run.vector(below_zero(shape.n_head, shape.shares_decay ? 1 : shape.n_state, 1)),
                             run.vector(random_values(1, shape.n_head, 2))};
    const ScanInputs inputs{run.tensor(random_values(texts.count(), channels, 3)),
                            run.tensor(above_zero(texts.count(), shape.n_head, 4)),
                            run.tensor(random_values(texts.count(), shared, 5)),
                            run.tensor(random_values(texts.count(), shared, 6))};
    const Tensor y = run.tensor(texts.count(), channels);
    const int64_t stride = channels * shape.n_state + 64;
    const Tensor states = run.tensor(random_values(kSlots, stride, 7));
    const SlotStates slots{states.data, static_cast<uint64_t>(stride) * sizeof(float)};
    run_in_batches(texts, cuts, [&](const BatchRows& rows, int64_t first, int64_t count) {
      const ScanInputs some{inputs.x.slice_rows(first, count), inputs.step.slice_rows(first, count),
                            inputs.in.slice_rows(first, count), inputs.out.slice_rows(first, count)};
      run.device.scan(scan, slots, rows, some, y.slice_rows(first, count));
    });
    std::vector<float> results = run.read(y);
    const std::vector<float> remembered = run.read(states);
    results.insert(results.end(), remembered.begin(), remembered.end());
    return results;
  };
}

constexpr ScanShape kScanShapes[] = {
    {600, 1, 1, 16, false},  // Mamba
    {8, 64, 2, 128, true},   // Mamba 2, with states that are cut into pieces
    {4, 16, 1, 256, true},   //
    {6, 5, 3, 21, true},     // no multiple of a register
    {12, 1, 4, 70, false},   //
    {10, 1, 2, 16, true},    //
    {3, 4, 1, 33, false},    //
};

TEST_P(BackendRecurrence, ScanFadesTakesInAndGivesOut) {
  for (const ScanShape& shape : kScanShapes) {
    // Sums of n_state terms, of which some cancel.
    expect_same(scan_of(shape, {}, run_in_batches), 2e-5);
  }
}

TEST_P(BackendRecurrence, ScanGivesTheSameHoweverTextsAreCut) {
  for (const ScanShape& shape : kScanShapes) {
    expect_cuts_change_nothing(
        [&](std::vector<int64_t> cuts) { return scan_of(shape, std::move(cuts), run_in_batches); });
  }
}

TEST(Recurrence, GivesTheSameBitsOnAllInstructionSetsThatRoundAProductAndASumOnce) {
  const auto results = [](std::string_view instruction_set, const Operation& operation) {
    const auto device = device_of("cpu", 1, instruction_set);
    DeviceRun run(*device);
    return operation(run);
  };
  const auto at_once = [](const Texts& texts, std::vector<int64_t> /*cuts*/, const RunRows& run_rows) {
    const std::vector<int32_t> positions(texts.sequences.size());
    run_rows({positions, texts.sequences, {}, texts.slots}, 0, texts.count());
  };
  std::vector<Operation> operations{convolution_of(300, 4, true, {}, at_once)};
  for (const ScanShape& shape : kScanShapes) operations.push_back(scan_of(shape, {}, at_once));
  for (const std::string_view name : supported_instruction_sets()) {
    if (name == "portable") continue;
    for (const Operation& operation : operations) EXPECT_EQ(results(name, operation), results("", operation));
  }
}

HEARTH_COMPARE_WITH_REFERENCE(BackendRecurrence);
HEARTH_COMPARE_GPU_WITH_REFERENCE(BackendRecurrence);

}  // namespace
}  // namespace hearth
