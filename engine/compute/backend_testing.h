// What the tests of the operations share: inputs in a device's memory, and what comes of them there beside
// what comes of them on the reference device. They know devices by Backend alone. Test code only.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/cpu_features.h"
#include "engine/compute/cpu/test_inputs.h"
#include "engine/compute/devices.h"
#include "engine/format/quantize.h"

namespace hearth {

/// A matrix of floats.
struct Values {
  int64_t rows;
  int64_t columns;
  std::vector<float> floats;  // row after row
};

inline Values random_values(int64_t rows, int64_t columns, uint32_t seed, float deviation = 1.0F) {
  return {rows, columns, cpu::testing::random_floats(rows * columns, seed, deviation)};
}

/// Values within 2 of 0 that 8 bits hold exactly: in each 32 of a row multiples of 1/64, the first of them
/// 127/64.
inline Values exact_values(int64_t rows, int64_t columns, uint32_t seed) {
  Values x = random_values(rows, columns, seed, 40.0F);
  for (size_t i = 0; i < x.floats.size(); ++i) {
    const float rounded = std::clamp(std::round(x.floats[i]), -127.0F, 127.0F);
    x.floats[i] = (i % static_cast<size_t>(columns) % 32 == 0 ? 127.0F : rounded) / 64.0F;
  }
  return x;
}

/// A weight matrix as a file stores it.
struct Blocks {
  BlockType type;
  int64_t rows;
  int64_t columns;
  std::vector<std::byte> bytes;
};

inline Blocks blocks_of(BlockType type, const Values& values) {
  Blocks blocks{type, values.rows, values.columns,
                std::vector<std::byte>(bytes_of(type, values.floats.size()))};
  EXPECT_TRUE(quantize(type, values.floats, blocks.bytes).ok());
  return blocks;
}

/// The inputs of one run on a device, in its memory until this goes.
class DeviceRun {
 public:
  explicit DeviceRun(Backend& backend) : device(backend) {}
  ~DeviceRun() {
    for (const Buffer& buffer : buffers_) device.release(buffer);
  }
  DeviceRun(const DeviceRun&) = delete;
  DeviceRun& operator=(const DeviceRun&) = delete;

  Buffer bytes(std::span<const std::byte> content) {
    const auto buffer = device.allocate(content.size());
    EXPECT_TRUE(buffer.ok());
    buffers_.push_back(*buffer);
    device.write(content, *buffer);
    return *buffer;
  }
  Tensor tensor(const Values& values) {
    return {bytes(std::as_bytes(std::span(values.floats))), values.rows, values.columns};
  }
  /// Full of what is no number.
  Tensor tensor(int64_t rows, int64_t columns) {
    return tensor({rows, columns, std::vector<float>(static_cast<size_t>(rows * columns), NAN)});
  }
  Vector vector(const Values& values) {
    return {bytes(std::as_bytes(std::span(values.floats))), values.rows * values.columns};
  }
  Weight weight(const Blocks& blocks) {
    return {blocks.type, blocks.rows, blocks.columns, bytes(blocks.bytes)};
  }

  std::vector<float> read(Tensor x) {
    std::vector<float> values(static_cast<size_t>(x.rows * x.columns));
    device.begin_read(x.data, std::as_writable_bytes(std::span(values)));
    EXPECT_TRUE(device.wait().ok());
    return values;
  }

  Backend& device;

 private:
  std::vector<Buffer> buffers_;
};

/// Rows of several sequences, in the order in which they are computed, and the pages that the sequences have.
struct CachedRows {
  std::vector<int32_t> positions;
  std::vector<int32_t> sequences;
  std::vector<std::vector<int32_t>> pages;

  /// Sequences by turns; pages from the last to the first, by turns too.
  static CachedRows of_lengths(const std::vector<int32_t>& lengths) {
    CachedRows rows;
    rows.pages.resize(lengths.size());
    for (int32_t position = 0; position < *std::ranges::max_element(lengths); ++position) {
      for (size_t s = 0; s < lengths.size(); ++s) {
        if (position >= lengths[s]) continue;
        rows.positions.push_back(position);
        rows.sequences.push_back(static_cast<int32_t>(s));
      }
    }
    int32_t page = 0;
    for (const int32_t length : lengths) page += pages_for(length);
    for (size_t s = 0; page > 0; s = (s + 1) % lengths.size()) {
      if (static_cast<int32_t>(rows.pages[s].size()) < pages_for(lengths[s])) rows.pages[s].push_back(page--);
    }
    return rows;
  }

  int32_t page_count() const {
    size_t count = 1;  // the first is nobody's
    for (const auto& own : pages) count += own.size();
    return static_cast<int32_t>(count);
  }
};

/// GELU is rounded to halves: where it is near the middle of two, devices may take one or the other.
inline constexpr double kHalfStep = 0x1p-10;

/// Uses a device and gives back what came of it.
using Operation = std::function<std::vector<float>(DeviceRun&)>;

inline std::unique_ptr<Backend> device_of(const std::string& name, int threads = 1,
                                          std::string_view instruction_set = "") {
  auto device = make_backend({name, threads, std::string(instruction_set)});
  EXPECT_TRUE(device.ok());
  return std::move(device).value();
}

/// Skips the test where this machine, or the build, has no GPU.
#define HEARTH_REQUIRE_GPU()                                        \
  do {                                                              \
    const auto gpu = ::hearth::make_backend({"gpu"});               \
    if (!gpu.ok() && gpu.error().code == ErrorCode::kUnsupported) { \
      GTEST_SKIP() << gpu.error().message;                          \
    }                                                               \
  } while (false)

/// The CPU with every instruction set that this machine runs, on one thread and on several; with sanitizers
/// in turn on several and on one.
inline std::vector<DeviceOptions> tested_cpus() {
  std::vector<DeviceOptions> cpus;
  int threads = 1;
  for (const std::string_view set : supported_instruction_sets()) {
    threads = 4 - threads;
    cpus.push_back({"cpu", threads, std::string(set)});
    if (!cpu::testing::kIsSanitized) cpus.push_back({"cpu", 4 - threads, std::string(set)});
  }
  return cpus;
}

/// A test of a device, which it skips where this machine, or the build, has no GPU.
class OnDevice : public ::testing::TestWithParam<DeviceOptions> {
 protected:
  void SetUp() override {
    auto device = make_backend(GetParam());
    if (!device.ok() && device.error().code == ErrorCode::kUnsupported) {
      GTEST_SKIP() << device.error().message;
    }
    ASSERT_TRUE(device.ok()) << device.error().message;
    device_ = std::move(device).value();
  }

  std::unique_ptr<Backend> device_;
};

class ComparedWithReference : public OnDevice {
 protected:
  std::vector<float> on_device(const Operation& operation) {
    DeviceRun run(*device_);
    return operation(run);
  }
  std::vector<float> on_reference(const Operation& operation) {
    DeviceRun run(*reference_);
    return operation(run);
  }

  /// Results differ by at most `tolerance`, of 1 or of the result where that is larger.
  void expect_same(const Operation& operation, double tolerance) {
    compare(operation,
            [=](size_t, double expected) { return tolerance * std::max(1.0, std::abs(expected)); });
  }
  /// Each result differs by at most its own bound.
  void expect_within(const Operation& operation, std::span<const double> bounds) {
    compare(operation, [=](size_t i, double) { return bounds[i]; });
  }

 private:
  template <typename Bound>
  void compare(const Operation& operation, const Bound& bound) {
    const std::vector<float> expected = on_reference(operation);
    const std::vector<float> actual = on_device(operation);
    ASSERT_EQ(actual.size(), expected.size());
    for (size_t i = 0; i < actual.size(); ++i) {
      ASSERT_LE(std::abs(double{actual[i]} - expected[i]), bound(i, expected[i]))
          << "result " << i << " is " << actual[i] << ", not " << expected[i];
    }
  }

  std::unique_ptr<Backend> reference_ = device_of("reference");
};

#define HEARTH_COMPARE_WITH_REFERENCE(suite)                                                     \
  INSTANTIATE_TEST_SUITE_P(On, suite, ::testing::ValuesIn(tested_cpus()), [](const auto& test) { \
    return test.param.instruction_set + "_threads_" + std::to_string(test.param.threads);        \
  })

/// The GPU that is tested: the device "gpu", or another that computes by its kernels and that HEARTH_TEST_GPU
/// names (cuda, vulkan, cuda-host).
inline DeviceOptions tested_gpu() {
  const char* const name = std::getenv("HEARTH_TEST_GPU");
  return {.device = name == nullptr ? "gpu" : name};
}

/// The same on a GPU.
#define HEARTH_COMPARE_GPU_WITH_REFERENCE(suite)                          \
  INSTANTIATE_TEST_SUITE_P(OnGpu, suite, ::testing::Values(tested_gpu()), \
                           [](const auto&) { return std::string("gpu"); })

}  // namespace hearth
