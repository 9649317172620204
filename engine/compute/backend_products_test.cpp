// Matrix products: every device's beside the reference device's, which leaves activations as they
// are.
#include <gtest/gtest.h>

#include <numeric>
#include <random>
#include <vector>

#include "engine/compute/backend_testing.h"
#include "engine/compute/cpu/matrix/random_weight.h"
#include "engine/format/dequantize.h"

namespace hearth {
namespace {

/// Devices may round the input of quantised weights to 8 bits, 32 columns at a time.
constexpr int64_t kRoundedColumns = 32;

/// How far the rounding may take an element: half a step, of which 127 reach to the largest of its block.
double rounding_of(const Values& x, int64_t row, int64_t column) {
  const int64_t first = column / kRoundedColumns * kRoundedColumns;
  float largest = 0.0F;
  for (int64_t i = first; i < std::min(first + kRoundedColumns, x.columns); ++i) {
    largest = std::max(largest, std::abs(x.floats[static_cast<size_t>(row * x.columns + i)]));
  }
  return 0.5 / 127.0 * largest;
}

/// Bounds of x * weights^T: what f32 makes of the sum, and 8 bits of x.
std::vector<double> product_bounds(const Values& x, BlockType type, std::span<const float> weights) {
  const bool is_rounded = block_layout(type).block_size > 1;
  std::vector<double> errors;  // of an element of x, relative to its weight
  for (int64_t i = 0; i < x.rows * x.columns; ++i) {
    const double rounding = is_rounded ? rounding_of(x, i / x.columns, i % x.columns) : 0.0;
    errors.push_back(1.0001 * rounding + 1e-6 * std::abs(x.floats[static_cast<size_t>(i)]));
  }
  const auto columns = static_cast<size_t>(x.columns);
  std::vector<double> bounds;
  for (size_t r = 0; r < errors.size(); r += columns) {
    for (size_t j = 0; j < weights.size(); j += columns) {
      double& bound = bounds.emplace_back(0.0);
      for (size_t i = 0; i < columns; ++i) bound += errors[r + i] * std::abs(weights[j + i]);
    }
  }
  return bounds;
}

class BackendProducts : public ComparedWithReference {
 protected:
  /// Weights of random bits, at an odd address, as a file may have them; a GPU reads whole words.
  void expect_close(BlockType type, int64_t outputs, const Values& x) {
    SCOPED_TRACE(block_layout(type).name);
    std::mt19937 random(20261121);
    const cpu::RandomWeight stored = cpu::random_weight(type, outputs, x.columns, random);
    std::vector<float> weights(static_cast<size_t>(outputs * x.columns));
    dequantize(type, std::span(stored.bytes).subspan(1), weights);
    const bool is_gpu = GetParam().device == "gpu";
    const auto multiply = [&](DeviceRun& run) {
      const Tensor out = run.tensor(x.rows, outputs);
      const Buffer data =
          is_gpu ? run.bytes(std::span(stored.bytes).subspan(1)) : run.bytes(stored.bytes).at(1);
      const Projection projection{{type, outputs, x.columns, data}, {}, out};
      run.device.linear(run.tensor(x), {&projection, 1});
      return run.read(out);
    };
    expect_within(multiply, product_bounds(x, type, weights));
  }
};

TEST_P(BackendProducts, OfEveryTypeAreOffByTheRoundingOfActivationsAtMost) {
  for (const BlockLayout& layout : all_block_layouts()) {
    expect_close(layout.type, 19, random_values(3, layout.block_size > 32 ? 512 : 96, 1));
  }
}

TEST_P(BackendProducts, OfManyRowsAreAsGood) {
  for (const BlockType type : {BlockType::kF32, BlockType::kF16, BlockType::kQ8_0, BlockType::kQ4_K}) {
    expect_close(type, 150, random_values(40, 256, 2));
  }
}

TEST_P(BackendProducts, OfFloatsNeedNoWholeBlocks) {
  for (const BlockType type : {BlockType::kF32, BlockType::kF16, BlockType::kBF16}) {
    expect_close(type, 5, random_values(2, 77, 3));
  }
}

TEST_P(BackendProducts, OfHeadsAreOfEachByItsOwnMatrix) {
  constexpr int64_t kHeads = 5;
  for (const BlockType type : {BlockType::kF32, BlockType::kF16, BlockType::kQ8_0, BlockType::kQ4_0}) {
    SCOPED_TRACE(block_layout(type).name);
    for (const int64_t rows : {1, 40}) {
      const Values x = exact_values(rows, kHeads * 64, 1);
      const Blocks matrices = blocks_of(type, random_values(kHeads * 19, 64, 2, 0.1F));
      const auto multiply = [&](DeviceRun& run) {
        const Tensor out = run.tensor(rows, kHeads * 19);
        run.device.linear_by_head(run.tensor(x), run.weight(matrices), out);
        return run.read(out);
      };
      expect_same(multiply, 1e-5);
    }
  }
}

/// As q and k of one fused matrix, and beside them another of another type.
TEST_P(BackendProducts, ProjectOneInputThroughSeveralMatricesAddTheirBiasesAndActivate) {
  const Values x = exact_values(4, 96, 1);
  const Blocks fused = blocks_of(BlockType::kQ8_0, random_values(70, 96, 2, 0.1F));
  const Blocks other = blocks_of(BlockType::kF32, random_values(9, 96, 3, 0.1F));
  const Values biases = random_values(1, 70, 4);
  const auto project = [&](DeviceRun& run) {
    const Weight both = run.weight(fused);
    const Vector bias = run.vector(biases);
    const Tensor all = run.tensor(4, 40 + 30 + 9);  // memory for three outputs, one after the other
    const auto out_at = [&](int64_t column, int64_t columns) {
      return Tensor{all.data.at(static_cast<uint64_t>(4 * column) * sizeof(float)), 4, columns};
    };
    const Projection projections[] = {
        {both.slice_rows(0, 40), bias.slice(0, 40), out_at(0, 40)},
        {both.slice_rows(40, 30), bias.slice(40, 30), out_at(40, 30), Activation::kSilu},
        {run.weight(other), {}, out_at(70, 9), Activation::kSilu, run.vector({1, 1, {0.4F}})}};
    run.device.linear(run.tensor(x), projections);
    return run.read(all);
  };
  expect_same(project, 5e-6);
}

/// With activations that 8 bits hold, quantised weights leave nothing but f32's own rounding.
TEST_P(BackendProducts, GateOneProductByTheOther) {
  const Values x = exact_values(7, 96, 1);
  const Blocks up = blocks_of(BlockType::kQ8_0, random_values(90, 96, 3, 0.1F));
  for (const BlockType type : {BlockType::kF32, BlockType::kF16, BlockType::kQ8_0, BlockType::kQ4_0}) {
    SCOPED_TRACE(block_layout(type).name);
    const Blocks gate = blocks_of(type, random_values(90, 96, 2, 0.1F));
    for (const Activation activation : {Activation::kSilu, Activation::kGeluTanh}) {
      const auto multiply = [&](DeviceRun& run) {
        const Tensor out = run.tensor(7, 90);
        run.device.gated_linear(run.tensor(x), run.weight(gate), run.weight(up), activation, out);
        return run.read(out);
      };
      // Both the argument and the result of GELU may be rounded the other way.
      expect_same(multiply, activation == Activation::kSilu ? 5e-6 : 3.0 * kHalfStep);
    }
  }
}

HEARTH_COMPARE_WITH_REFERENCE(BackendProducts);
HEARTH_COMPARE_GPU_WITH_REFERENCE(BackendProducts);

}  // namespace
}  // namespace hearth
