// What tests of the GPU's operations share: a device whose limits may be made smaller, and whose dispatches
// are counted. Test code only.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <random>
#include <span>
#include <utility>
#include <vector>

#include "engine/compute/backend_testing.h"
#include "engine/compute/cpu/matrix/random_weight.h"
#include "engine/compute/gpu/vulkan/make_runner.h"

namespace hearth {

/// A device whose limits may be made smaller, and whose dispatches are counted.
class LimitedRunner : public gpu::Runner {
 public:
  explicit LimitedRunner(std::unique_ptr<Runner> runner)
      : properties(runner->device()), runner_(std::move(runner)) {}

  const gpu::DeviceProperties& device() const override { return properties; }
  Result<gpu::BlockId> create_block(uint64_t bytes) override {
    EXPECT_LE(bytes, properties.block_bytes);
    return runner_->create_block(bytes);
  }
  void destroy_block(gpu::BlockId block) override { runner_->destroy_block(block); }
  Result<gpu::KernelId> kernel(std::string_view name) override { return runner_->kernel(name); }
  void write(gpu::BlockId to, uint64_t offset, std::span<const std::byte> bytes) override {
    runner_->write(to, offset, bytes);
  }
  void submit(const gpu::CommandList& list) override {
    dispatches += list.commands.size();
    runner_->submit(list);
  }
  void begin_read(const gpu::Binding& from, std::span<std::byte> into) override {
    runner_->begin_read(from, into);
  }
  Result<bool> ready() override { return runner_->ready(); }
  Result<void> wait() override { return runner_->wait(); }

  gpu::DeviceProperties properties;
  size_t dispatches = 0;

 private:
  std::unique_ptr<Runner> runner_;
};

/// On any device of Vulkan.
class LimitedGpu : public ::testing::Test {
 protected:
  void SetUp() override { open(); }

  /// Another one, of limits that `limit` may lower.
  void open(const std::function<void(gpu::DeviceProperties&)>& limit = {}) {
    auto runner = gpu::vulkan::make_runner();
    if (!runner.ok()) GTEST_SKIP() << runner.error().message;
    auto limited = std::make_unique<LimitedRunner>(std::move(runner).value());
    if (limit) limit(limited->properties);
    runner_ = limited.get();
    DeviceOptions options{.device = "gpu"};
    options.make_gpu_runner = [&] { return Result<std::unique_ptr<gpu::Runner>>(std::move(limited)); };
    auto device = make_backend(options);
    ASSERT_TRUE(device.ok()) << device.error().message;
    device_ = std::move(device).value();
  }

  /// What an operation gives, and how many dispatches it takes.
  std::vector<float> run(const Operation& operation) {
    DeviceRun run(*device_);
    runner_->dispatches = 0;
    return operation(run);
  }

  LimitedRunner* runner_ = nullptr;
  std::unique_ptr<Backend> device_;
};

inline Blocks random_blocks(BlockType type, int64_t rows, int64_t columns) {
  std::mt19937 random(20261130);
  cpu::RandomWeight weight = cpu::random_weight(type, rows, columns, random);
  return {type, rows, columns, {weight.bytes.begin() + 1, weight.bytes.end()}};
}

}  // namespace hearth
