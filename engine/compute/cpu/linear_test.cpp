#include "engine/compute/cpu/linear.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/compute/cpu/test_inputs.h"
#include "engine/format/dequantize.h"
#include "engine/format/quantize.h"

namespace hearth::cpu {
namespace {

using testing::Floats;
using testing::InstructionSetTest;

/// A random matrix in a block type, and what its blocks stand for.
struct Matrix {
  Matrix(BlockType type, int64_t rows, int64_t columns, uint32_t seed)
      : decoded(rows, columns, seed, 1.0F / std::sqrt(static_cast<float>(columns))),
        blocks(bytes_of(type, decoded.values.size())),
        weight{type, rows, columns, buffer_at(blocks.data())} {
    EXPECT_TRUE(quantize(type, decoded.values, blocks).ok());
    dequantize(type, blocks, decoded.values);
  }

  double product(const Floats& x, int64_t row, int64_t output) const {
    double sum = 0.0;
    for (int64_t i = 0; i < weight.columns; ++i)
      sum += static_cast<double>(x.at(row, i)) * decoded.at(output, i);
    return sum;
  }

  Floats decoded;
  std::vector<std::byte> blocks;
  Weight weight;
};

/// Quantised weights take their input in 8 bits: half a step of a block's largest element, over a dot
/// product.
double tolerance(BlockType type) { return type == BlockType::kF32 ? 1e-5 : 0.05; }

class LinearTest : public InstructionSetTest {};

TEST_P(LinearTest, ProjectsOneInputThroughMatricesOfDifferentTypes) {
  const Matrix query(BlockType::kQ8_0, 200, 64, 1);
  const Matrix key(BlockType::kF32, 33, 64, 2);
  const Matrix value(BlockType::kQ4_0, 1, 64, 3);
  const std::vector<float> bias = testing::random_floats(33, 4);
  for (const int64_t rows : {1, 3, 70}) {
    Floats x(rows, 64, 5);
    Floats q(rows, 200);
    Floats k(rows, 33);
    Floats v(rows, 1);
    const Projection projections[] = {{query.weight, {}, q.tensor()},
                                      {key.weight, {buffer_at(bias.data()), 33}, k.tensor()},
                                      {value.weight, {}, v.tensor()}};
    linear(*context(2), x.tensor(), projections);
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t j = 0; j < 200; ++j)
        EXPECT_NEAR(q.at(r, j), query.product(x, r, j), tolerance(BlockType::kQ8_0));
      for (int64_t j = 0; j < 33; ++j) {
        EXPECT_NEAR(k.at(r, j), key.product(x, r, j) + bias[static_cast<size_t>(j)],
                    tolerance(BlockType::kF32));
      }
      EXPECT_NEAR(v.at(r, 0), value.product(x, r, 0), tolerance(BlockType::kQ4_0));
    }
  }
}

TEST_P(LinearTest, GatedUnitActivatesOneProductAndMultipliesTheOther) {
  for (const BlockType type : {BlockType::kF32, BlockType::kQ8_0}) {
    const Matrix gate(type, 150, 96, 1);
    const Matrix up(type, 150, 96, 2);
    Floats x(20, 96, 3);
    Floats out(20, 150);
    gated_linear(*context(2), x.tensor(), gate.weight, up.weight, Activation::kSilu, out.tensor());
    for (int64_t r = 0; r < 20; ++r) {
      for (int64_t j = 0; j < 150; ++j) {
        const double a = gate.product(x, r, j);
        EXPECT_NEAR(out.at(r, j), a / (1.0 + std::exp(-a)) * up.product(x, r, j), 2.0 * tolerance(type));
      }
    }
  }
}

/// Rows alone and in batches, on any number of threads, give the same bits.
TEST_P(LinearTest, NoBitDependsOnThreadsOrBatch) {
  for (const BlockType type : {BlockType::kF32, BlockType::kF16, BlockType::kQ8_0, BlockType::kQ4_0}) {
    const Matrix gate(type, 333, 64, 1);
    const Matrix up(type, 333, 64, 2);
    Floats x(40, 64, 3);
    Floats expected(40, 333);
    Floats expected_gated(40, 333);
    const Projection whole{gate.weight, {}, expected.tensor()};
    linear(*context(1), x.tensor(), {&whole, 1});
    gated_linear(*context(1), x.tensor(), gate.weight, up.weight, Activation::kGeluTanh,
                 expected_gated.tensor());
    for (const int threads : {1, 2, 3}) {
      const auto context = this->context(threads);
      for (const int64_t chunk : {1, 7, 40}) {
        Floats out(40, 333);
        Floats out_gated(40, 333);
        for (int64_t first = 0; first < 40; first += chunk) {
          const int64_t rows = std::min<int64_t>(chunk, 40 - first);
          const Tensor part = x.tensor().slice_rows(first, rows);
          const Projection projection{gate.weight, {}, out.tensor().slice_rows(first, rows)};
          linear(*context, part, {&projection, 1});
          gated_linear(*context, part, gate.weight, up.weight, Activation::kGeluTanh,
                       out_gated.tensor().slice_rows(first, rows));
        }
        EXPECT_EQ(out.values, expected.values);
        EXPECT_EQ(out_gated.values, expected_gated.values);
      }
    }
  }
}

HEARTH_TEST_INSTRUCTION_SETS(LinearTest);

}  // namespace
}  // namespace hearth::cpu
