// What the GPU's backend does beside operations: its memory, and when things are there. On any device of
// Vulkan.
#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "engine/compute/devices.h"

namespace hearth {
namespace {

class GpuBackendTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto device = make_backend({.device = "gpu"});
    if (!device.ok() && device.error().code == ErrorCode::kUnsupported)
      GTEST_SKIP() << device.error().message;
    ASSERT_TRUE(device.ok()) << device.error().message;
    device_ = std::move(device).value();
  }

  std::vector<uint32_t> read(Buffer from, size_t words) {
    std::vector<uint32_t> values(words, 0xABABABAB);
    device_->begin_read(from, std::as_writable_bytes(std::span(values)));
    const auto outcome = device_->wait();
    EXPECT_TRUE(outcome.ok()) << outcome.error().message;
    return values;
  }
  static std::vector<uint32_t> counted(size_t words) {
    std::vector<uint32_t> values(words);
    std::iota(values.begin(), values.end(), 7U);
    return values;
  }

  std::unique_ptr<Backend> device_;
};

TEST_F(GpuBackendTest, GivesBackWhatWasWritten) {
  for (const size_t words : {1, 1000, 1 << 20}) {
    const std::vector<uint32_t> values = counted(words);
    const Buffer buffer = device_->allocate(words * 4).value();
    device_->write(std::as_bytes(std::span(values)), buffer);
    EXPECT_EQ(read(buffer, words), values);
    device_->release(buffer);
  }
}

TEST_F(GpuBackendTest, CopiesWithinABlockAndBetweenBlocks) {
  const std::vector<uint32_t> values = counted(3000);
  const Buffer one = device_->allocate(300'000).value();
  const Buffer other = device_->allocate(300'000).value();
  device_->write(std::as_bytes(std::span(values)), one.at(8));
  device_->copy(one.at(8), one.at(100'000), 12'000);
  device_->copy(one.at(100'000), other.at(4), 12'000);
  EXPECT_EQ(read(other.at(4), 3000), values);
  device_->release(one);
  device_->release(other);
}

TEST_F(GpuBackendTest, ZeroedMemoryIsZeroAlsoWhereItWasUsedBefore) {
  const std::vector<uint32_t> values = counted(500);
  const Buffer used = device_->allocate(2000).value();
  device_->write(std::as_bytes(std::span(values)), used);
  device_->release(used);
  const Buffer zeroed = device_->allocate_zeroed(2000).value();
  EXPECT_EQ(read(zeroed, 500), std::vector<uint32_t>(500, 0));
  device_->release(zeroed);
}

TEST_F(GpuBackendTest, IsReadyInTheEndWithoutBeingWaitedFor) {
  const std::vector<uint32_t> values = counted(100);
  const Buffer buffer = device_->allocate(400).value();
  device_->write(std::as_bytes(std::span(values)), buffer);
  std::vector<uint32_t> read(100);
  device_->begin_read(buffer, std::as_writable_bytes(std::span(read)));
  while (!device_->ready().value()) {
  }
  EXPECT_EQ(read, values);
  device_->release(buffer);
}

TEST_F(GpuBackendTest, AddsAfterManyStepsAsAfterTheFirst) {
  std::vector<float> ones(1000, 1.0F);
  const Tensor x{device_->allocate_zeroed(4000).value(), 10, 100};
  const Tensor y{device_->allocate(4000).value(), 10, 100};
  device_->write(std::as_bytes(std::span(ones)), y.data);
  for (int step = 0; step < 40; ++step) {
    device_->add_scaled(x, y, 0.5F);
    while (!device_->ready().value()) {
    }
  }
  std::vector<float> sums(1000);
  device_->begin_read(x.data, std::as_writable_bytes(std::span(sums)));
  ASSERT_TRUE(device_->wait().ok());
  EXPECT_EQ(sums, std::vector<float>(1000, 20.0F));
  device_->release(x.data);
  device_->release(y.data);
}

TEST_F(GpuBackendTest, TellsWhatItsKernelsTook) {
  const Tensor x{device_->allocate_zeroed(4000).value(), 10, 100};
  ASSERT_TRUE(device_->wait().ok());
  device_->begin_profile();
  for (int i = 0; i < 3; ++i) device_->add_scaled(x, x, 1.0F);
  ASSERT_TRUE(device_->wait().ok());
  const auto times = device_->profile();
  ASSERT_EQ(times.size(), 1U);
  EXPECT_EQ(times[0].calls, 3U);
  EXPECT_GT(times[0].seconds, 0.0);
  device_->release(x.data);
}

TEST_F(GpuBackendTest, SaysThatABlockIsTooLarge) {
  const auto outcome = device_->allocate(uint64_t{1} << 50);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, ErrorCode::kOutOfMemory);
}

}  // namespace
}  // namespace hearth
