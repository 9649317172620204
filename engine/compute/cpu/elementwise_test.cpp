#include "engine/compute/cpu/elementwise.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/base/half.h"
#include "engine/compute/cpu/test_inputs.h"

namespace hearth::cpu {
namespace {

using testing::Floats;
using testing::InstructionSetTest;

class ElementwiseTest : public InstructionSetTest {
 protected:
  /// The bits that `operation` leaves in `floats`, which must be the same on one thread and on three.
  std::vector<float> result(const Floats& floats, const std::function<void(Context&, Tensor)>& operation) {
    Floats alone = floats;
    Floats together = floats;
    operation(*context(1), alone.tensor());
    operation(*context(3), together.tensor());
    EXPECT_EQ(alone.values, together.values);
    return alone.values;
  }
};

TEST_P(ElementwiseTest, EmbedLooksUpAndScalesRows) {
  const Floats table(50, 24, 1);
  const Weight weight{BlockType::kF32, 50, 24, buffer_at(table.values.data())};
  const std::vector<int32_t> tokens{49, 0, 7, 7};
  const auto out =
      result({4, 24}, [&](Context& context, Tensor x) { embed(context, weight, tokens, 2.5F, x); });
  for (size_t r = 0; r < 4; ++r) {
    for (size_t c = 0; c < 24; ++c)
      EXPECT_EQ(out[r * 24 + c], table.at(tokens[r], static_cast<int64_t>(c)) * 2.5F);
  }
}

TEST_P(ElementwiseTest, EmbedDecodesBlocks) {
  // Two rows of one Q8_0 block each: scale 0.5, numbers counting up from 0 and from 100.
  std::vector<std::byte> blocks;
  for (const int first : {0, 100}) {
    blocks.push_back(static_cast<std::byte>(f32_to_f16(0.5F) & 0xFF));
    blocks.push_back(static_cast<std::byte>(f32_to_f16(0.5F) >> 8));
    for (int i = 0; i < 32; ++i) blocks.push_back(static_cast<std::byte>(first + i - (first > 0 ? 32 : 0)));
  }
  const Weight weight{BlockType::kQ8_0, 2, 32, buffer_at(blocks.data())};
  const std::vector<int32_t> tokens{1, 0};
  const auto out =
      result({2, 32}, [&](Context& context, Tensor x) { embed(context, weight, tokens, 1.0F, x); });
  for (size_t i = 0; i < 32; ++i) {
    EXPECT_EQ(out[i], 0.5F * (68.0F + static_cast<float>(i)));
    EXPECT_EQ(out[32 + i], 0.5F * static_cast<float>(i));
  }
}

TEST_P(ElementwiseTest, NormTreatsEveryRunOnItsOwn) {
  const Floats x(300, 3 * 40, 1);
  const std::vector<float> weight(40, 1.0F);
  const auto out = result(x, [&](Context& context, Tensor tensor) {
    norm(context, NormKind::kRms, tensor, {buffer_at(weight.data()), 40}, {}, 1e-6F, tensor);
  });
  for (size_t run = 0; run < 900; ++run) {
    double square = 0.0;
    for (size_t i = 0; i < 40; ++i) square += std::pow(out[run * 40 + i], 2) / 40;
    EXPECT_NEAR(square, 1.0, 1e-4) << run;
  }
}

TEST_P(ElementwiseTest, OperationsReachEveryElement) {
  const Floats x(37, 1001, 1);
  Floats y(37, 1001, 2);
  const auto sum = result(x, [&](Context& context, Tensor tensor) { add(context, tensor, y.tensor()); });
  const auto capped = result(x, [&](Context& context, Tensor tensor) { soft_cap(context, 2.0F, tensor); });
  const auto active =
      result(x, [&](Context& context, Tensor tensor) { activate(context, Activation::kSilu, tensor); });
  for (size_t i = 0; i < sum.size(); ++i) {
    EXPECT_EQ(sum[i], x.values[i] + y.values[i]);
    EXPECT_NEAR(capped[i], 2.0 * std::tanh(x.values[i] / 2.0), 1e-6);
    EXPECT_NEAR(active[i], x.values[i] / (1.0 + std::exp(-static_cast<double>(x.values[i]))), 2e-6);
  }
}

TEST_P(ElementwiseTest, GatherTakesRowsInTheOrderAsked) {
  Floats x(10, 33, 1);
  const std::vector<int32_t> rows{9, 0, 9, 4};
  const auto out =
      result({4, 33}, [&](Context& context, Tensor to) { gather_rows(context, x.tensor(), rows, to); });
  for (size_t r = 0; r < 4; ++r) {
    for (size_t c = 0; c < 33; ++c) EXPECT_EQ(out[r * 33 + c], x.at(rows[r], static_cast<int64_t>(c)));
  }
}

HEARTH_TEST_INSTRUCTION_SETS(ElementwiseTest);

}  // namespace
}  // namespace hearth::cpu
