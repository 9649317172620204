// What the tests of this folder share: inputs of a fixed sequence, tensors that own their floats, and kernels
// by name. Test code only.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "engine/base/cpu_features.h"
#include "engine/compute/cpu/context.h"
#include "engine/compute/host.h"

namespace hearth::cpu::testing {

/// With sanitizers, which take ten times as long and look at what is read and written, tests need not also
/// show that results are the same in every way: those of the Release build do.
#if defined(__has_feature)
inline constexpr bool kIsSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
inline constexpr bool kIsSanitized = false;
#endif

/// Normally distributed floats, the same for the same seed everywhere: the sum of twelve uniform numbers.
inline std::vector<float> random_floats(int64_t count, uint32_t seed, float deviation = 1.0F) {
  std::mt19937 generator(seed);
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) {
    float sum = -6.0F;
    for (int i = 0; i < 12; ++i) sum += static_cast<float>(generator() >> 8) * 0x1p-24F;
    value = sum * deviation;
  }
  return values;
}

/// A tensor and its memory.
struct Floats {
  Floats(int64_t rows, int64_t columns)
      : values(static_cast<size_t>(rows * columns)), shape{{}, rows, columns} {}
  Floats(int64_t rows, int64_t columns, uint32_t seed, float deviation = 1.0F)
      : values(random_floats(rows * columns, seed, deviation)), shape{{}, rows, columns} {}

  Tensor tensor() { return tensor_at(values.data(), shape.rows, shape.columns); }
  float at(int64_t row, int64_t column) const {
    return values[static_cast<size_t>(row * shape.columns + column)];
  }

  std::vector<float> values;
  Tensor shape;
};

inline std::unique_ptr<Context> make_context(int threads, std::string_view instruction_set) {
  const auto matrix = find_matrix_kernels("portable");
  const auto vector = find_vector_kernels(instruction_set);
  return std::make_unique<Context>(threads, **matrix, **vector);
}

/// A test of every instruction set that this machine runs.
class InstructionSetTest : public ::testing::TestWithParam<std::string_view> {
 protected:
  std::unique_ptr<Context> context(int threads) const { return make_context(threads, GetParam()); }
};

#define HEARTH_TEST_INSTRUCTION_SETS(suite)                                              \
  INSTANTIATE_TEST_SUITE_P(On, suite, ::testing::ValuesIn(supported_instruction_sets()), \
                           [](const auto& test) { return std::string(test.param); })

}  // namespace hearth::cpu::testing
