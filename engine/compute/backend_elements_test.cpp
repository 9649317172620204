// Operations that treat each row, or each element, on its own: every device's beside the reference device's.
#include <gtest/gtest.h>

#include <array>
#include <utility>
#include <vector>

#include "engine/compute/backend_testing.h"

namespace hearth {
namespace {

class BackendElements : public ComparedWithReference {};

TEST_P(BackendElements, EmbedDecodesRowsOfEveryKindOfBlockAndScalesThem) {
  const Values table = random_values(8, 256, 1);
  const std::vector<int32_t> tokens{7, 0, 4, 4, 2};
  for (const BlockType type :
       {BlockType::kF32, BlockType::kF16, BlockType::kBF16, BlockType::kQ8_0, BlockType::kQ4_0,
        BlockType::kQ5_1, BlockType::kQ4_K, BlockType::kQ6_K, BlockType::kIQ4_XS}) {
    SCOPED_TRACE(block_layout(type).name);
    const Blocks blocks = blocks_of(type, table);
    for (const float scale : {1.0F, 22.6F}) {
      const auto embed = [&](DeviceRun& run) {
        const Tensor out = run.tensor(5, 256);
        run.device.embed(run.weight(blocks), tokens, scale, out);
        return run.read(out);
      };
      expect_same(embed, 0.0);
    }
  }
}

TEST_P(BackendElements, NormTreatsWholeRowsAndEachHeadOnItsOwn) {
  const Values x = random_values(7, 3 * 50, 1, 3.0F);
  for (const NormKind kind : {NormKind::kRms, NormKind::kLayer}) {
    for (const int64_t size : {150, 50}) {
      for (const auto& [has_weight, has_bias] : {std::pair(true, false), {true, true}, {false, false}}) {
        for (const bool in_place : {false, true}) {
          const auto norm = [&, has_weight = has_weight, has_bias = has_bias](DeviceRun& run) {
            const Tensor from = run.tensor(x);
            const Tensor out = in_place ? from : run.tensor(x.rows, x.columns);
            const Vector weight = has_weight ? run.vector(random_values(1, size, 2)) : Vector{{}, size};
            const Vector bias = has_bias ? run.vector(random_values(1, size, 3)) : Vector();
            run.device.norm(kind, from, weight, bias, 1e-5F, out);
            return run.read(out);
          };
          expect_same(norm, 2e-6);
        }
      }
    }
  }
}

TEST_P(BackendElements, NormOfSmallValuesIsHeldByEpsilon) {
  const Values x = random_values(3, 64, 1, 1e-4F);
  for (const NormKind kind : {NormKind::kRms, NormKind::kLayer}) {
    const auto norm = [&](DeviceRun& run) {
      const Tensor out = run.tensor(x);
      run.device.norm(kind, out, run.vector({1, 64, std::vector<float>(64, 1.0F)}), {}, 1e-6F, out);
      return run.read(out);
    };
    expect_same(norm, 2e-6);
  }
}

TEST_P(BackendElements, RopeTurnsThePairsOfEveryHeadAndLeavesTheRest) {
  const Values values = random_values(4, 3 * 32, 1);
  const std::vector<int32_t> positions{0, 1, 77, 100'000};
  for (const RopePairs pairs : {RopePairs::kAdjacent, RopePairs::kHalves}) {
    for (const size_t turned : {size_t{5}, size_t{13}, size_t{16}}) {  // pairs of a head of 32
      std::vector<float> frequencies;
      for (size_t i = 0; i < turned; ++i)
        frequencies.push_back(std::pow(10'000.0F, -static_cast<float>(i) / 16.0F));
      const auto turn = [&](DeviceRun& run) {
        const Tensor x = run.tensor(values);
        run.device.rope({pairs, frequencies, 1.2F}, positions, 32, x);
        return run.read(x);
      };
      expect_same(turn, 1e-6);
    }
  }
}

/// Values of all sizes, and more of them than one thread takes at once.
Values spread_values(uint32_t seed) {
  Values x = random_values(3, 4'001, seed);
  for (float& value : x.floats) value *= value * value;
  return x;
}

TEST_P(BackendElements, Activate) {
  const Values values = spread_values(1);
  for (const auto& [activation, tolerance] :
       {std::pair(Activation::kSilu, 2e-6), std::pair(Activation::kGeluTanh, kHalfStep),
        std::pair(Activation::kSoftplus, 1e-6), std::pair(Activation::kRelu, 0.0),
        std::pair(Activation::kReluSquared, 1e-6), std::pair(Activation::kSigmoid, 2e-6),
        std::pair(Activation::kClampedSwish, 2e-6),
        std::pair(Activation{Activation::Kind::kXielu, 0.0F, {0.8F, 0.3F, 0.5F, -1e-6F}}, 2e-6)}) {
    const auto activate = [&, activation = activation](DeviceRun& run) {
      const Tensor x = run.tensor(values);
      run.device.activate(activation, x);
      return run.read(x);
    };
    expect_same(activate, tolerance);
  }
}

TEST_P(BackendElements, SoftCap) {
  const Values values = spread_values(2);
  const auto cap = [&](DeviceRun& run) {
    const Tensor x = run.tensor(values);
    run.device.soft_cap(3.0F, x);
    return run.read(x);
  };
  expect_same(cap, 1e-6);
}

TEST_P(BackendElements, Add) {
  const Values first = spread_values(3);
  const Values second = spread_values(4);
  const auto add = [&](DeviceRun& run) {
    const Tensor x = run.tensor(first);
    run.device.add(x, run.tensor(second));
    return run.read(x);
  };
  expect_same(add, 0.0);
}

TEST_P(BackendElements, AddScaled) {
  const Values first = spread_values(3);
  const Values second = spread_values(4);
  const auto add = [&](DeviceRun& run) {
    const Tensor x = run.tensor(first);
    run.device.add_scaled(x, run.tensor(second), -0.37F);
    return run.read(x);
  };
  expect_same(add, 1e-6);
}

TEST_P(BackendElements, GateMultipliesWhatIsActivated) {
  const Values gates = spread_values(5);
  const Values up = spread_values(6);
  for (const Activation activation : {Activation::kSilu, Activation::kGeluTanh}) {
    const auto gate = [&](DeviceRun& run) {
      const Tensor x = run.tensor(gates);
      run.device.gate(activation, x, run.tensor(up), x);
      return run.read(x);
    };
    expect_same(gate, 1e-5);
  }
}

TEST_P(BackendElements, GateLimitsWhatItGivesAndWhatItOpens) {
  const Values gates = spread_values(5);
  const Values up = spread_values(6);
  for (const Activation& activation :
       {Activation{Activation::Kind::kSilu, 2.5F}, Activation::kClampedSwish}) {
    const auto gate = [&](DeviceRun& run) {
      const Tensor out = run.tensor(up);
      run.device.gate(activation, run.tensor(gates), out, out);
      return run.read(out);
    };
    expect_same(gate, 1e-5);
  }
}

TEST_P(BackendElements, AGateOpensAsManyNeighboursAsThereAreForEach) {
  for (const int64_t gates : {1, 3, 60}) {
    const auto gate = [&](DeviceRun& run) {
      const Tensor up = run.tensor(random_values(5, 60, 2));
      run.device.gate(Activation::kSigmoid, run.tensor(random_values(5, gates, 1)), up, up);
      return run.read(up);
    };
    expect_same(gate, 2e-6);
  }
}

TEST_P(BackendElements, ScaleRowsEachByItsOwnFactor) {
  const Values values = spread_values(7);
  const auto scale = [&](DeviceRun& run) {
    const Tensor x = run.tensor(values);
    run.device.scale_rows(x, std::vector{0.5F, -3.0F, 1.7F});
    return run.read(x);
  };
  expect_same(scale, 0.0);
}

TEST_P(BackendElements, Clamp) {
  const Values values = spread_values(8);
  const auto clamp = [&](DeviceRun& run) {
    const Tensor x = run.tensor(values);
    run.device.clamp(0.75F, x);
    return run.read(x);
  };
  expect_same(clamp, 0.0);
}

TEST_P(BackendElements, GatherRows) {
  const std::vector<int32_t> rows{4, 0, 4, 2};
  const auto gather = [&](DeviceRun& run) {
    const Tensor out = run.tensor(4, 33);
    run.device.gather_rows(run.tensor(random_values(5, 33, 1)), rows, out);
    return run.read(out);
  };
  expect_same(gather, 0.0);
}

TEST_P(BackendElements, CopyColumnsOfHeads) {
  const Values narrow = random_values(3, 4 * 5, 1);
  const Values wide = random_values(3, 4 * 9, 2);
  const Values one = random_values(3, 7, 3);
  const auto copy = [&](DeviceRun& run) {
    const Tensor to = run.tensor(wide);
    run.device.copy_heads({run.tensor(narrow), 4, 1}, {to, 4, 6}, 3);
    run.device.copy_heads({run.tensor(one), 1, 5}, {to, 4, 0}, 2);
    return run.read(to);
  };
  expect_same(copy, 0.0);
}

HEARTH_COMPARE_WITH_REFERENCE(BackendElements);
HEARTH_COMPARE_GPU_WITH_REFERENCE(BackendElements);

}  // namespace
}  // namespace hearth
