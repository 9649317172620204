#include "engine/compute/cpu/vector/vector_kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include "engine/base/half.h"
#include "engine/compute/cpu/test_inputs.h"

namespace hearth::cpu {
namespace {

using testing::random_floats;

class VectorKernelsTest : public ::testing::TestWithParam<std::string_view> {
 protected:
  const VectorKernels& kernels() const { return **find_vector_kernels(GetParam()); }

  /// Every length around a register, with room behind it that must stay as it was.
  void expect_each(const std::function<void(int64_t count, float* x)>& kernel,
                   const std::function<double(double)>& reference, double relative_error) {
    for (int64_t count = 0; count <= 70; ++count) {
      std::vector<float> x = random_floats(count + 1, static_cast<uint32_t>(count), 5.0F);
      const std::vector<float> before = x;
      kernel(count, x.data());
      for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
        const double exact = reference(before[i]);
        EXPECT_NEAR(x[i], exact, std::abs(exact) * relative_error) << "element " << i << " of " << count;
      }
      EXPECT_EQ(x.back(), before.back()) << "behind " << count;
    }
  }
};

double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }
double gelu(double x) {
  return 0.5 * x * (1.0 + std::tanh(std::sqrt(2.0 / M_PI) * (x + 0.044715 * x * x * x)));
}

TEST_P(VectorKernelsTest, Silu) {
  expect_each([&](int64_t count, float* x) { kernels().activate(Activation::kSilu, count, x); },
              [](double x) { return x * sigmoid(x); }, 4e-7);
}

TEST_P(VectorKernelsTest, Softplus) {
  expect_each([&](int64_t count, float* x) { kernels().activate(Activation::kSoftplus, count, x); },
              [](double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }, 4e-7);
}

TEST_P(VectorKernelsTest, GeluIsRoundedToHalvesAsGgmlDoes) {
  for (float x = -4.0F; x < 9.99F; x += 0.01F) {
    float y = x;
    kernels().activate(Activation::kGeluTanh, 1, &y);
    if (std::abs(x) < 0x1p-14F || std::abs(y) < 0x1p-14F) continue;  // halves below that have fewer bits
    EXPECT_EQ(f16_to_f32(f32_to_f16(y)), y) << x;
    // Half an ulp of a half, plus what the exact value may be off by before it is rounded.
    const double exact = gelu(f16_to_f32(f32_to_f16(x)));
    EXPECT_NEAR(y, exact, 0x1p-11 * 1.01 * std::abs(exact) + 1e-12) << x;
  }
}

TEST_P(VectorKernelsTest, ActivationsOfTheLargestInputs) {
  for (const Activation activation : {Activation::kSilu, Activation::kGeluTanh}) {
    std::vector<float> x{-1e30F, -200.0F, 0.0F, 200.0F, 1e30F};
    kernels().activate(activation, 5, x.data());
    EXPECT_EQ(x, (std::vector<float>{0.0F, 0.0F, 0.0F, 200.0F, 1e30F}));
  }
}

TEST_P(VectorKernelsTest, GateMultipliesTheActivation) {
  for (const Activation activation : {Activation::kSilu, Activation::kGeluTanh}) {
    const std::vector<float> gate = random_floats(37, 1);
    const std::vector<float> up = random_floats(37, 2);
    std::vector<float> activated = gate;
    kernels().activate(activation, 37, activated.data());
    std::vector<float> out(37);
    kernels().gate(activation, gate.data(), up.data(), 37, out.data());
    for (size_t i = 0; i < 37; ++i) EXPECT_EQ(out[i], activated[i] * up[i]);
  }
}

TEST_P(VectorKernelsTest, SoftCap) {
  for (const double cap : {1.0, 30.0, 50.0}) {
    expect_each([&](int64_t count, float* x) { kernels().soft_cap(static_cast<float>(cap), count, x); },
                [&](double x) { return cap * std::tanh(x / cap); }, 4e-7);
  }
}

TEST_P(VectorKernelsTest, AddScaleAndCombine) {
  for (int64_t count = 0; count <= 70; ++count) {
    const std::vector<float> x = random_floats(count, 1);
    const std::vector<float> y = random_floats(count, 2);
    std::vector<float> sum = x;
    std::vector<float> scaled = x;
    std::vector<float> combined = x;
    kernels().add(y.data(), count, sum.data());
    kernels().scale(1.5F, count, scaled.data());
    kernels().combine(0.25F, y.data(), -3.0F, count, combined.data());
    for (size_t i = 0; i < x.size(); ++i) {
      EXPECT_EQ(sum[i], x[i] + y[i]);
      EXPECT_EQ(scaled[i], x[i] * 1.5F);
      EXPECT_NEAR(combined[i], 0.25 * x[i] - 3.0 * y[i], 1e-6);
    }
  }
}

TEST_P(VectorKernelsTest, Softmax) {
  for (int64_t count = 1; count <= 70; ++count) {
    std::vector<float> x = random_floats(count, static_cast<uint32_t>(count), 10.0F);
    const double largest = *std::ranges::max_element(x);
    std::vector<double> weights;
    std::vector<double> relative_errors;
    for (const float value : x) {
      weights.push_back(std::exp(value - largest));
      // Rounding the exponent's argument, which is a difference of two, counts the more the larger it is.
      relative_errors.push_back(2e-7 * (2.0 + largest - value));
    }
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    kernels().softmax(count, x.data());
    for (size_t i = 0; i < x.size(); ++i) {
      EXPECT_NEAR(x[i], weights[i] / sum, weights[i] / sum * relative_errors[i] + 1e-37);
    }
  }
}

TEST_P(VectorKernelsTest, Norms) {
  for (const int64_t count : {1, 3, 16, 64, 65, 127, 1000, 2048}) {
    const std::vector<float> x = random_floats(count, 1, 3.0F);
    const std::vector<float> weight = random_floats(count, 2);
    const std::vector<float> bias = random_floats(count, 3);
    double mean = 0.0;
    double square = 0.0;
    for (const float value : x) mean += value / static_cast<double>(count);
    for (const float value : x) square += static_cast<double>(value) * value / static_cast<double>(count);
    double variance = 0.0;
    for (const float value : x) variance += (value - mean) * (value - mean) / static_cast<double>(count);

    std::vector<float> rms(x.size());
    kernels().rms_norm(x.data(), weight.data(), nullptr, 1e-5F, count, rms.data());
    std::vector<float> layer = x;  // in place
    kernels().layer_norm(layer.data(), weight.data(), bias.data(), 1e-5F, count, layer.data());
    for (size_t i = 0; i < x.size(); ++i) {
      EXPECT_NEAR(rms[i], x[i] / std::sqrt(square + 1e-5) * weight[i], 3e-6);
      EXPECT_NEAR(layer[i], (x[i] - mean) / std::sqrt(variance + 1e-5) * weight[i] + bias[i], 3e-6);
    }
  }
}

TEST_P(VectorKernelsTest, LayerNormOfAConstantIsItsBias) {
  // The variance is 0 whatever fills the last register.
  std::vector<float> x(67, 1000.0F);
  const std::vector<float> weight(67, 1.0F);
  const std::vector<float> bias(67, 0.5F);
  kernels().layer_norm(x.data(), weight.data(), bias.data(), 1e-5F, 67, x.data());
  for (const float value : x) EXPECT_EQ(value, 0.5F);
}

TEST_P(VectorKernelsTest, StoresF16AsOneByOne) {
  std::vector<float> x = random_floats(1000, 1, 100.0F);
  for (const float special : {0.0F, -0.0F, 1e-8F, 6e-8F, 1e-5F, 65504.0F, 65520.0F, -1e30F, INFINITY}) {
    x.push_back(special);
  }
  for (int64_t count = 0; count <= static_cast<int64_t>(x.size()); count += count < 70 ? 1 : 313) {
    std::vector<uint16_t> half(static_cast<size_t>(count) + 1, 0xABCD);
    kernels().store_f16(x.data(), count, half.data());
    for (size_t i = 0; i < static_cast<size_t>(count); ++i) EXPECT_EQ(half[i], f32_to_f16(x[i])) << x[i];
    EXPECT_EQ(half.back(), 0xABCD);
  }
}

INSTANTIATE_TEST_SUITE_P(On, VectorKernelsTest, ::testing::ValuesIn(supported_instruction_sets()),
                         [](const auto& test) { return std::string(test.param); });

// So a model of quantised weights computes the same logits with each of them (docs/architecture.md).
TEST(VectorKernels, GiveTheSameBitsOnAllInstructionSetsThatRoundAProductAndASumOnce) {
  const auto results = [](const VectorKernels& kernels, int64_t count) {
    const std::vector<float> x = random_floats(count, static_cast<uint32_t>(count), 5.0F);
    const std::vector<float> weight = random_floats(count, 2);
    std::vector<std::vector<float>> all(8, x);
    kernels.rms_norm(x.data(), weight.data(), nullptr, 1e-5F, count, all[0].data());
    kernels.layer_norm(x.data(), weight.data(), weight.data(), 1e-5F, count, all[1].data());
    kernels.softmax(count, all[2].data());
    kernels.activate(Activation::kSilu, count, all[3].data());
    kernels.activate(Activation::kGeluTanh, count, all[4].data());
    kernels.softplus_decay(weight.data(), -0.7F, count, all[5].data());
    kernels.double_exponential_decay(count, all[6].data());
    kernels.sigmoid_decay(count, all[7].data());
    all.push_back({kernels.dot(x.data(), weight.data(), count)});
    return all;
  };
  // More rows than are stepped together, and some that are left.
  const auto stepped = [](const VectorKernels& kernels, int64_t count) {
    constexpr int64_t kRows = 11;
    std::vector<std::vector<float>> x;  // queries, keys, decays, removed, replacement
    for (uint32_t seed = 1; seed <= 5; ++seed) x.push_back(random_floats(count, seed));
    const std::vector<float> values = random_floats(kRows, 6);
    std::vector<std::vector<float>> all;
    for (const int removal : {0, 1, 2}) {
      std::vector<float>& state = all.emplace_back(random_floats(kRows * count, 7));
      std::vector<float> out(kRows);
      kernels.step_matrix_state({count, kRows, x[0].data(), x[1].data(), x[2].data(),
                                 removal > 0 ? x[3].data() : nullptr, removal > 1 ? x[4].data() : nullptr,
                                 0.3F, -0.7F, values.data(), state.data(), out.data()});
      all.push_back(out);
    }
    return all;
  };
  const auto scanned = [](const VectorKernels& kernels, int64_t count) {
    constexpr int64_t kChannels = 14;  // two heads of seven
    const std::vector<float> x = random_floats(kChannels, 1);
    const std::vector<float> steps = random_floats(kChannels, 2);
    const std::vector<float> decays = random_floats(kChannels * count, 3);
    const std::vector<float> in = random_floats(count, 4);
    const std::vector<float> out = random_floats(count, 5);
    std::vector<std::vector<float>> all;
    for (const bool shares_decay : {true, false}) {
      std::vector<float>& state = all.emplace_back(random_floats(kChannels * count, 6));
      std::vector<float> y(kChannels);
      kernels.scan_row({.channels = kChannels,
                        .head_channels = shares_decay ? 7 : 1,
                        .n_state = count,
                        .shares_decay = shares_decay,
                        .step = steps.data(),
                        .decay = decays.data(),
                        .skip = steps.data(),
                        .x = x.data(),
                        .in = in.data(),
                        .out = out.data(),
                        .state = state.data(),
                        .y = y.data()});
      all.push_back(y);
    }
    return all;
  };
  const VectorKernels& best = **find_vector_kernels("");
  for (const std::string_view name : supported_instruction_sets()) {
    if (name == "portable") continue;
    for (const int64_t count : {1, 3, 15, 17, 63, 64, 65, 100, 130, 2049}) {
      EXPECT_EQ(results(**find_vector_kernels(name), count), results(best, count)) << name << ", " << count;
      EXPECT_EQ(stepped(**find_vector_kernels(name), count), stepped(best, count)) << name << ", " << count;
      EXPECT_EQ(scanned(**find_vector_kernels(name), count), scanned(best, count)) << name << ", " << count;
    }
  }
}

}  // namespace
}  // namespace hearth::cpu
