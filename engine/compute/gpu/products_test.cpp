// How products are dealt out to dispatches, which no result may tell: rows together and alone, matrices
// beyond a device's limits, and what is done with products in the same dispatch. On any device of Vulkan.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "engine/compute/gpu/limited_gpu.h"
#include "engine/format/dequantize.h"

namespace hearth {
namespace {

class GpuProducts : public LimitedGpu {
 protected:
  /// A device that multiplies codes, where this one can, or one that multiplies floats.
  void open_with(bool packed_dot) {
    open([=](gpu::DeviceProperties& device) { device.packed_dot = device.packed_dot && packed_dot; });
  }
};

Operation multiply(const Blocks& weights, const Values& x) {
  return [&weights, &x](DeviceRun& run) {
    const Tensor out = run.tensor(x.rows, weights.rows);
    const Projection projection{run.weight(weights), {}, out};
    run.device.linear(run.tensor(x), {&projection, 1});
    return run.read(out);
  };
}

TEST_F(GpuProducts, OfRowsTogetherAreThoseOfEachAlone) {
  for (const bool packed_dot : {true, false}) {
    open_with(packed_dot);
    for (const BlockType type : {BlockType::kF32, BlockType::kQ6_K, BlockType::kIQ1_M}) {
      SCOPED_TRACE(block_layout(type).name);
      // More than a range of columns, and part of a second one.
      const Blocks weights = random_blocks(type, 37, 768);
      const Values all = random_values(70, 768, 1);
      const std::vector<float> together = run(multiply(weights, all));
      for (const int64_t count : {1, 3, 8, 9}) {
        const Values some{count, 768, {all.floats.begin(), all.floats.begin() + count * 768}};
        const std::vector<float> few = run(multiply(weights, some));
        ASSERT_EQ(few, std::vector<float>(together.begin(), together.begin() + count * 37)) << count;
      }
    }
  }
}

/// Of activations that 8 bits hold, so that nothing but the order of additions is between them.
TEST_F(GpuProducts, OfCodesAreThoseOfFloats) {
  // Four, two and one eighths with a scale in common, with and without minima.
  for (const BlockType type :
       {BlockType::kQ4_K, BlockType::kIQ4_NL, BlockType::kQ6_K, BlockType::kIQ2_XS, BlockType::kIQ1_M}) {
    SCOPED_TRACE(block_layout(type).name);
    const Blocks weights = random_blocks(type, 19, 768);
    std::vector<float> decoded(19 * 768);
    dequantize(type, weights.bytes, decoded);
    float largest = 0.0F;
    for (const float weight : decoded) largest = std::max(largest, std::abs(weight));
    for (const int64_t rows : {1, 40}) {
      const Values x = exact_values(rows, 768, 3);
      open_with(false);
      const std::vector<float> of_floats = run(multiply(weights, x));
      open_with(true);
      const std::vector<float> of_codes = run(multiply(weights, x));
      // x is within 2, and a sum is rounded 32 + 16 + 2 times at most.
      const float bound = 50.0F * 0x1p-24F * 768.0F * 2.0F * largest;
      for (size_t i = 0; i < of_codes.size(); ++i) {
        ASSERT_NEAR(of_codes[i], of_floats[i], bound) << "result " << i << " of " << rows << " rows";
      }
    }
  }
}

/// Each 32 columns have a scale of their own, whatever numbers they are.
TEST_F(GpuProducts, OfColumnsOfAnyMagnitudeAreRight) {
  // Codes of 127 with a scale of 1.
  const Blocks weights = blocks_of(BlockType::kQ8_0, {1, 128, std::vector<float>(128, 127.0F)});
  for (const int64_t rows : {1, 5, 20}) {
    Values x{rows, 128, std::vector<float>(static_cast<size_t>(rows * 128), 0.0F)};
    for (size_t row = 0; row < static_cast<size_t>(rows); ++row) {
      const auto column = [&](size_t i) { return x.floats.begin() + static_cast<ptrdiff_t>(row * 128 + i); };
      std::fill(column(32), column(64), 1e30F);
      std::fill(column(64), column(96), 1e-39F);  // no normal number
      std::fill(column(96), column(128), -0.25F);
    }
    const std::vector<float> products = run(multiply(weights, x));
    for (const float product : products)
      ASSERT_NEAR(product, 127 * 32e30F, 1e-5F * 127 * 32e30F) << rows << " rows";
    for (size_t i = 0; i < x.floats.size(); ++i) x.floats[i] *= i % 128 / 32 == 1 ? 0.0F : 1.0F;
    for (const float product : run(multiply(weights, x)))
      ASSERT_NEAR(product, -127 * 8.0F, 1e-5F * 127 * 8.0F) << rows << " rows";
  }
}

TEST_F(GpuProducts, OfAnyShapeAreRight) {
  const std::unique_ptr<Backend> reference = device_of("reference");
  const int64_t shapes[][2] = {{1, 32}, {5, 96}, {64, 288}, {65, 2080}, {3, 18432}};
  for (const auto& [outputs, columns] : shapes) {
    const Blocks weights = random_blocks(BlockType::kQ8_0, outputs, columns);
    for (const int64_t rows : {1, 2, 5, 8, 9, 65}) {
      const Values x = exact_values(rows, columns, 3);
      DeviceRun on_reference(*reference);
      const std::vector<float> expected = multiply(weights, x)(on_reference);
      const std::vector<float> actual = run(multiply(weights, x));
      // Activations that 8 bits hold, weights within 8, rounded as often as there are terms in the longest
      // chain of additions, and as those of random signs go.
      const double bound = 8.0 * static_cast<double>(columns) * 3.0 * 0x1p-24;
      for (size_t i = 0; i < expected.size(); ++i) {
        ASSERT_NEAR(actual[i], expected[i], bound) << rows << " rows, " << outputs << " x " << columns;
      }
    }
  }
}

TEST_F(GpuProducts, OfSeveralMatricesTakeOneDispatchFromTheSecondTimeOn) {
  const Values x = random_values(3, 1024, 1);
  // So large that each has a block of its own.
  const Blocks first = random_blocks(BlockType::kQ8_0, 370, 1024);
  const Blocks second = random_blocks(BlockType::kQ8_0, 309, 1024);
  const auto project = [&](DeviceRun& run) {
    const Tensor outs[] = {run.tensor(3, 370), run.tensor(3, 309)};
    const Projection projections[] = {{run.weight(first), {}, outs[0]}, {run.weight(second), {}, outs[1]}};
    const Tensor input = run.tensor(x);
    run.device.linear(input, projections);
    EXPECT_TRUE(run.device.wait().ok());
    runner_->dispatches = 0;
    run.device.linear(input, projections);
    std::vector<float> values = run.read(outs[0]);
    const std::vector<float> others = run.read(outs[1]);
    values.insert(values.end(), others.begin(), others.end());
    return values;
  };
  std::vector<float> expected = run(multiply(first, x));
  const std::vector<float> others = run(multiply(second, x));
  expected.insert(expected.end(), others.begin(), others.end());
  EXPECT_EQ(run(project), expected);
  EXPECT_EQ(runner_->dispatches, 1U);
}

TEST_F(GpuProducts, GateAndUpTakeOneDispatchForFewRowsAndOneEachForMany) {
  const Blocks gate = random_blocks(BlockType::kQ4_0, 70, 64);
  const Blocks up = random_blocks(BlockType::kQ4_0, 70, 64);
  std::vector<float> all;
  for (const int64_t rows : {40, 1, 8}) {
    const Values x{rows, 64, random_values(40, 64, 1).floats};
    const auto multiply_both = [&](DeviceRun& run) {
      const Tensor out = run.tensor(rows, 70);
      run.device.gated_linear(run.tensor({rows, 64, {x.floats.begin(), x.floats.begin() + rows * 64}}),
                              run.weight(gate), run.weight(up), Activation::kSilu, out);
      return run.read(out);
    };
    const std::vector<float> values = run(multiply_both);
    EXPECT_EQ(runner_->dispatches, rows > 8 ? 2U : 1U);
    if (all.empty()) all = values;
    EXPECT_EQ(values, std::vector<float>(all.begin(), all.begin() + rows * 70)) << rows;
  }
}

/// linear, then add: the first's product is also what it was.
TEST_F(GpuProducts, AddThemselvesToWhatTheyUpdate) {
  const Blocks weights = random_blocks(BlockType::kQ4_K, 70, 256);
  for (const int64_t rows : {1, 20}) {
    const Values x = random_values(rows, 256, 1);
    const Values stream = random_values(rows, 70, 2);
    const auto update = [&](bool wait) {
      return [&, wait](DeviceRun& run) {
        const Tensor to = run.tensor(stream);
        const Tensor out = run.tensor(rows, 70);
        const Projection projection{run.weight(weights), {}, out};
        const Tensor input = run.tensor(x);
        runner_->dispatches = 0;
        run.device.linear(input, {&projection, 1});
        if (wait) {
          EXPECT_TRUE(run.device.wait().ok());
        }
        run.device.add(to, out);
        std::vector<float> values = run.read(to);
        const std::vector<float> products = run.read(out);
        values.insert(values.end(), products.begin(), products.end());
        return values;
      };
    };
    const std::vector<float> apart = run(update(true));
    EXPECT_EQ(runner_->dispatches, 2U);
    EXPECT_EQ(run(update(false)), apart);
    EXPECT_EQ(runner_->dispatches, 1U);
  }
}

/// Other groups may still read it.
TEST_F(GpuProducts, DoNotUpdateTheirOwnInputAtOnce) {
  const Blocks weights = random_blocks(BlockType::kQ8_0, 64, 64);
  const Values x = random_values(2, 64, 1);
  const auto update = [&](DeviceRun& run) {
    const Tensor input = run.tensor(x);
    const Tensor out = run.tensor(2, 64);
    const Projection projection{run.weight(weights), {}, out};
    runner_->dispatches = 0;
    run.device.linear(input, {&projection, 1});
    run.device.add(input, out);
    return run.read(input);
  };
  std::vector<float> expected = run(multiply(weights, x));
  for (size_t i = 0; i < expected.size(); ++i) expected[i] += x.floats[i];
  EXPECT_EQ(run(update), expected);
  EXPECT_EQ(runner_->dispatches, 2U);
}

TEST_F(GpuProducts, BeyondTheDevicesLimitsAreComputedInPieces) {
  // 576 kB, whose products with the rows are 800 kB: each has a block of its own.
  const Blocks weights = random_blocks(BlockType::kQ4_0, 2000, 512);
  const Values x = random_values(100, 512, 1);
  const std::vector<int32_t> tokens{1999, 0, 42, 1000};
  const auto embed = [&](DeviceRun& run) {
    const Weight table = run.weight(weights);
    const Tensor out = run.tensor(4, 512);
    run.device.embed(table, tokens, 2.0F, out);
    return run.read(out);
  };
  const std::vector<float> products = run(multiply(weights, x));
  EXPECT_EQ(runner_->dispatches, 1U);
  const std::vector<float> rows = run(embed);
  EXPECT_EQ(runner_->dispatches, 1U);
  open([](gpu::DeviceProperties& limits) {
    limits.binding_bytes = 300'000;
    limits.groups = 50;
  });
  EXPECT_EQ(run(multiply(weights, x)), products);
  EXPECT_EQ(runner_->dispatches, 2U * 3U);
  EXPECT_EQ(run(embed), rows);
  EXPECT_EQ(runner_->dispatches, 2U);
}

/// A matrix that lies in several blocks, each of which is bound in several windows.
TEST_F(GpuProducts, OfAMatrixBeyondABlockAreThoseOfOneWithin) {
  const Blocks weights = random_blocks(BlockType::kQ4_0, 3001, 2880);  // 4.9 MB
  const Values x = random_values(3, 2880, 1);
  const auto source = borrow_memory(weights.bytes);
  const std::vector<int32_t> tokens{3000, 0, 2588, 2589, 2000};
  const auto use = [&](DeviceRun& run) {
    auto store = run.device.make_weight_store({});
    EXPECT_TRUE(store.ok());
    const auto placed =
        (*store)->place({*source, 0, weights.bytes.size(), false, 1620}, WeightStore::kNoLayer);
    if (!placed.ok()) {
      ADD_FAILURE() << placed.error().message;
      return std::vector<float>();
    }
    const Weight weight{weights.type, weights.rows, weights.columns, *placed};
    const Tensor products = run.tensor(3, 3001);
    const Tensor gated = run.tensor(3, 1500);
    const Tensor rows = run.tensor(5, 2880);
    const Projection projection{weight, {}, products};
    const Tensor input = run.tensor(x);
    run.device.linear(input, {&projection, 1});
    run.device.gated_linear(input, weight.slice_rows(1, 1500), weight.slice_rows(1501, 1500),
                            Activation::kSilu, gated);
    run.device.embed(weight, tokens, 2.0F, rows);
    std::vector<float> values = run.read(products);
    for (const Tensor& more : {gated, rows}) {
      const std::vector<float> read = run.read(more);
      values.insert(values.end(), read.begin(), read.end());
    }
    return values;
  };
  const std::vector<float> expected = run(use);
  open([](gpu::DeviceProperties& limits) {
    limits.block_bytes = 4 << 20;
    limits.binding_bytes = 1'500'000;
  });
  EXPECT_EQ(run(use), expected);
}

}  // namespace
}  // namespace hearth
