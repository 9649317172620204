#include "engine/compute/cpu/matrix/matrix_product.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <thread>
#include <tuple>

#include "engine/base/cpu_features.h"
#include "engine/compute/cpu/matrix/random_weight.h"
#include "engine/format/dequantize.h"

namespace hearth::cpu {
namespace {

using ::testing::Combine;
using ::testing::ValuesIn;

/// Of activations, and of the products they give.
struct Activations {
  Activations(int64_t row_count, int64_t column_count)
      : rows(row_count), columns(column_count), values(static_cast<size_t>(rows * columns)) {}
  Tensor tensor() { return tensor_at(values.data(), rows, columns); }
  float& at(int64_t row, int64_t column) { return values[static_cast<size_t>(row * columns + column)]; }

  int64_t rows;
  int64_t columns;
  std::vector<float> values;
};

Activations random_activations(int64_t rows, int64_t columns, std::mt19937& random) {
  Activations x(rows, columns);
  std::normal_distribution<float> value;
  for (float& v : x.values) v = value(random);
  return x;
}

/// Integers times a scale, with 127 in every block of 32: 8 bits hold them exactly.
Activations exact_activations(int64_t rows, int64_t columns, std::mt19937& random) {
  Activations x(rows, columns);
  std::uniform_int_distribution<int> value(-127, 127);
  for (int64_t i = 0; i < rows * columns; i += 32) {
    const float scale = std::ldexp(1.0F, static_cast<int>(random() % 8) - 10);
    for (int64_t j = i; j < std::min(i + 32, rows * columns); ++j) {
      x.values[static_cast<size_t>(j)] = scale * static_cast<float>(value(random));
    }
    x.values[static_cast<size_t>(i)] = scale * 127.0F;
  }
  return x;
}

std::vector<float> dequantized(const Weight& weight) {
  std::vector<float> values(static_cast<size_t>(weight.rows * weight.columns));
  dequantize(weight.type, {blocks_of(weight), static_cast<size_t>(weight.rows * weight.row_bytes())}, values);
  return values;
}

Activations multiply(const MatrixKernels& kernels, const Weight& weight, Activations& x) {
  PreparedInput input;
  std::vector<std::byte> scratch;
  kernels.begin_input(kernels.input_form(weight.type), x.tensor(), input);
  kernels.prepare_rows(x.tensor(), 0, x.rows, input);
  Activations out(x.rows, weight.rows);
  kernels.multiply(weight, input, 0, weight.rows, out.tensor(), scratch);
  return out;
}

/// Every type, with every instruction set of this machine.
class MatrixProduct : public ::testing::TestWithParam<std::tuple<std::string_view, BlockLayout>> {
 protected:
  const MatrixKernels& kernels() const { return **find_matrix_kernels(std::get<0>(GetParam())); }
  const BlockLayout& layout() const { return std::get<1>(GetParam()); }
  /// Columns of that many blocks of the type, or of 32 elements where blocks are single elements.
  int64_t columns(int64_t blocks) const {
    return blocks * (layout().block_size == 1 ? 32 : static_cast<int64_t>(layout().block_size));
  }

  std::mt19937 random{20261121};
};

/// Largest error relative to the sum of magnitudes, the scale at which f32 rounding happens.
double largest_error(const Weight& weight, Activations& x, Activations& out) {
  const std::vector<float> values = dequantized(weight);
  double largest = 0.0;
  for (int64_t r = 0; r < x.rows; ++r) {
    for (int64_t j = 0; j < weight.rows; ++j) {
      double sum = 0.0;
      double magnitude = 1e-30;
      for (int64_t i = 0; i < weight.columns; ++i) {
        const double term = static_cast<double>(x.at(r, i)) * values[static_cast<size_t>(j * x.columns + i)];
        sum += term;
        magnitude += std::abs(term);
      }
      const double error = std::abs(out.at(r, j) - sum) / magnitude;
      if (!(error <= largest)) largest = error;  // a NaN is kept
    }
  }
  return largest;
}

TEST_P(MatrixProduct, IsExactUpToRoundingWhereEightBitsHoldTheActivations) {
  for (const int64_t blocks : {1, 3, 9}) {
    RandomWeight w = random_weight(layout().type, 37, columns(blocks), random);
    Activations x = exact_activations(7, columns(blocks), random);
    Activations out = multiply(kernels(), w.weight, x);
    EXPECT_LE(largest_error(w.weight, x, out), 1e-6) << blocks << " blocks";
  }
}

TEST_P(MatrixProduct, StaysWithinTheErrorOfEightBitActivations) {
  RandomWeight w = random_weight(layout().type, 19, columns(4), random);
  Activations x = random_activations(5, columns(4), random);
  Activations out = multiply(kernels(), w.weight, x);
  // A rounded activation is off by at most half of 1/127 of its block's largest, which is here about three
  // times a typical one; over a sum such errors mostly cancel.
  const double bound = kernels().input_form(layout().type) == InputForm::kF32 ? 1e-6 : 0.5 / 127 * 3;
  EXPECT_LE(largest_error(w.weight, x, out), bound);
}

TEST_P(MatrixProduct, GivesTheSameBitsWhateverTheRowsComputedTogether) {
  RandomWeight w = random_weight(layout().type, 50, columns(3), random);
  Activations x = random_activations(70, columns(3), random);
  Activations all = multiply(kernels(), w.weight, x);
  for (const int64_t count : {1, 2, 3, 4, 5, 6, 7, 8, 11, 16, 31, 64}) {
    const int64_t first = 70 - count;
    Activations part(count, x.columns);
    std::copy_n(x.values.begin() + first * x.columns, count * x.columns, part.values.begin());
    Activations out = multiply(kernels(), w.weight, part);
    EXPECT_TRUE(std::equal(out.values.begin(), out.values.end(), all.values.begin() + first * w.weight.rows))
        << count << " rows";
  }
}

TEST_P(MatrixProduct, OfQuantisedWeightsGivesTheSameBitsOnAllSetsThatRoundAProductAndASumOnce) {
  if (kernels().name() == "portable" || layout().block_size == 1) return;
  const MatrixKernels& best = **find_matrix_kernels("");
  RandomWeight w = random_weight(layout().type, 70, columns(9), random);
  for (const int64_t rows : {1, 5}) {
    Activations x = random_activations(rows, columns(9), random);
    EXPECT_EQ(multiply(kernels(), w.weight, x).values, multiply(best, w.weight, x).values) << rows << " rows";
  }
}

TEST_P(MatrixProduct, GivesTheSameBitsWhateverTheOutputRanges) {
  RandomWeight w = random_weight(layout().type, 150, columns(2), random);
  for (const int64_t rows : {1, 9}) {
    Activations x = random_activations(rows, columns(2), random);
    Activations whole = multiply(kernels(), w.weight, x);
    PreparedInput input;
    std::vector<std::byte> scratch;
    kernels().begin_input(kernels().input_form(layout().type), x.tensor(), input);
    for (int64_t r = 0; r < rows; ++r) kernels().prepare_rows(x.tensor(), r, 1, input);
    for (const int64_t step : {1, 7, 16, 33, 64, 149}) {
      Activations out(rows, 150);
      for (int64_t first = 0; first < 150; first += step) {
        kernels().multiply(w.weight, input, first, std::min(step, 150 - first), out.tensor(), scratch);
      }
      EXPECT_EQ(out.values, whole.values) << rows << " rows in ranges of " << step;
    }
  }
}

TEST_P(MatrixProduct, WritesNothingOutsideItsRange) {
  RandomWeight w = random_weight(layout().type, 40, columns(1), random);
  for (const int64_t rows : {1, 5}) {
    Activations x = random_activations(rows, columns(1), random);
    PreparedInput input;
    std::vector<std::byte> scratch;
    kernels().begin_input(kernels().input_form(layout().type), x.tensor(), input);
    kernels().prepare_rows(x.tensor(), 0, rows, input);
    Activations out(rows, 40);
    std::fill(out.values.begin(), out.values.end(), 12345.0F);
    kernels().multiply(w.weight, input, 3, 21, out.tensor(), scratch);
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t j = 0; j < 40; ++j) EXPECT_EQ(out.at(r, j) == 12345.0F, j < 3 || j >= 24) << r << ' ' << j;
    }
  }
}

TEST_P(MatrixProduct, GivesARangeAloneWhereTheOutputHasNoMoreColumns) {
  RandomWeight w = random_weight(layout().type, 160, columns(1), random);
  for (const int64_t rows : {1, 5}) {
    Activations x = random_activations(rows, columns(1), random);
    Activations whole = multiply(kernels(), w.weight, x);
    PreparedInput input;
    std::vector<std::byte> scratch;
    kernels().begin_input(kernels().input_form(layout().type), x.tensor(), input);
    kernels().prepare_rows(x.tensor(), 0, rows, input);
    Activations tile(rows, 70);
    kernels().multiply(w.weight, input, 64, 70, tile.tensor(), scratch);
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t j = 0; j < 70; ++j) EXPECT_EQ(tile.at(r, j), whole.at(r, 64 + j)) << r << ' ' << j;
    }
  }
}

TEST_P(MatrixProduct, RunsOnSeveralThreads) {
  RandomWeight w = random_weight(layout().type, 96, columns(2), random);
  Activations x = random_activations(6, columns(2), random);
  Activations whole = multiply(kernels(), w.weight, x);
  PreparedInput input;
  kernels().begin_input(kernels().input_form(layout().type), x.tensor(), input);
  kernels().prepare_rows(x.tensor(), 0, 6, input);
  Activations out(6, 96);
  std::vector<std::thread> threads;
  for (int64_t first = 0; first < 96; first += 32) {
    threads.emplace_back([&, first] {
      std::vector<std::byte> scratch;
      kernels().multiply(w.weight, input, first, 32, out.tensor(), scratch);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(out.values, whole.values);
}

INSTANTIATE_TEST_SUITE_P(, MatrixProduct,
                         Combine(ValuesIn(supported_instruction_sets().begin(),
                                          supported_instruction_sets().end()),
                                 ValuesIn(all_block_layouts().begin(), all_block_layouts().end())),
                         [](const auto& parameters) {
                           return std::string(std::get<0>(parameters.param)) + "_" +
                                  std::string(std::get<1>(parameters.param).name);
                         });

TEST(MatrixProductInput, ThatIsNotFiniteGivesNaNNotGarbage) {
  std::mt19937 random;
  for (const std::string_view set : supported_instruction_sets()) {
    const MatrixKernels& kernels = **find_matrix_kernels(set);
    for (const float bad : {std::numeric_limits<float>::infinity(), std::nanf("")}) {
      RandomWeight w = random_weight(BlockType::kQ4_0, 20, 64, random);
      Activations x = random_activations(2, 64, random);
      x.at(1, 40) = bad;
      Activations out = multiply(kernels, w.weight, x);
      for (int64_t j = 0; j < 20; ++j) {
        EXPECT_TRUE(std::isfinite(out.at(0, j)));
        EXPECT_TRUE(std::isnan(out.at(1, j)));
      }
    }
  }
}

TEST(MatrixProductInput, OfZerosGivesZeros) {
  std::mt19937 random;
  for (const std::string_view set : supported_instruction_sets()) {
    RandomWeight w = random_weight(BlockType::kQ4_K, 20, 256, random);
    Activations x(3, 256);
    x.at(1, 7) = 1e-40F;  // too small for a reciprocal
    Activations out = multiply(**find_matrix_kernels(set), w.weight, x);
    for (const float value : out.values) EXPECT_EQ(value, 0.0F);
  }
}

}  // namespace
}  // namespace hearth::cpu
