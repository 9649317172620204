// What tests of the GPU's operations share: a device whose limits may be made smaller, whose dispatches are
// counted, and whose driver may be made a bad one. Test code only.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/compute/backend_testing.h"
#include "engine/compute/cpu/matrix/random_weight.h"
#include "engine/compute/gpu/vulkan/make_runner.h"

namespace hearth {

/// As long as its driver has no name it is trusted: no self-check is counted, too.
class LimitedRunner : public gpu::Runner {
 public:
  explicit LimitedRunner(std::shared_ptr<Runner> runner)
      : properties(runner->device()), runner_(std::move(runner)) {
    properties.driver.clear();
  }

  const gpu::DeviceProperties& device() const override { return properties; }
  Result<gpu::BlockId> create_block(uint64_t bytes) override {
    EXPECT_LE(bytes, properties.block_bytes);
    return runner_->create_block(bytes);
  }
  void destroy_block(gpu::BlockId block) override { runner_->destroy_block(block); }
  Result<gpu::KernelId> kernel(std::string_view name) override {
    const auto id = runner_->kernel(name);
    if (id.ok()) names_[*id] = name;
    return id;
  }
  void write(gpu::BlockId to, uint64_t offset, std::span<const std::byte> bytes) override {
    runner_->write(to, offset, bytes);
  }
  void submit(const gpu::CommandList& list) override {
    dispatches += list.commands.size();
    if (submissions_left && (*submissions_left)-- <= 0) is_lost_ = true;
    if (is_lost_) return;
    if (left_out.empty()) return runner_->submit(list);
    gpu::CommandList some{{}, list.bindings, {}, list.data};
    constexpr size_t kWords = gpu::CommandList::kParameterBytes / sizeof(uint32_t);
    for (size_t i = 0; i < list.commands.size(); ++i) {
      if (names_[list.commands[i].kernel] == left_out) continue;
      some.commands.push_back(list.commands[i]);
      const auto own = std::span(list.parameters).subspan(i * kWords, kWords);
      some.parameters.insert(some.parameters.end(), own.begin(), own.end());
    }
    if (!some.empty()) runner_->submit(some);
  }
  void begin_read(const gpu::Binding& from, std::span<std::byte> into) override {
    if (!is_lost_) runner_->begin_read(from, into);
  }
  Result<bool> ready() override {
    HEARTH_ASSIGN(const bool is_ready, runner_->ready());
    HEARTH_TRY(presence());
    return is_ready;
  }
  Result<void> wait() override {
    HEARTH_TRY(runner_->wait());
    return presence();
  }

  gpu::DeviceProperties properties;
  size_t dispatches = 0;
  std::string left_out;                          // a kernel that the driver leaves out of what it does
  std::optional<int64_t> submissions_left = {};  // until the device is lost

 private:
  Result<void> presence() const {
    if (!is_lost_) return {};
    return Error{ErrorCode::kDeviceLost, "the GPU went away"};
  }

  std::shared_ptr<Runner> runner_;
  std::map<gpu::KernelId, std::string> names_;
  bool is_lost_ = false;
};

/// On any device of Vulkan, which all tests of a suite share.
class LimitedGpu : public ::testing::Test {
 protected:
  static void TearDownTestSuite() { vulkan_.reset(); }
  void SetUp() override { open(); }

  /// Another one, of limits that `limit` may lower.
  void open(const std::function<void(gpu::DeviceProperties&)>& limit = {}) {
    device_.reset();
    if (vulkan_ == nullptr) {
      auto runner = gpu::vulkan::make_runner();
      if (!runner.ok()) GTEST_SKIP() << runner.error().message;
      vulkan_ = std::move(runner).value();
    }
    DeviceOptions options{.device = "gpu"};
    options.make_gpu_runner = [&]() -> Result<std::unique_ptr<gpu::Runner>> {
      auto limited = std::make_unique<LimitedRunner>(vulkan_);
      if (limit) limit(limited->properties);
      runner_ = limited.get();
      return std::unique_ptr<gpu::Runner>(std::move(limited));
    };
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

  inline static std::shared_ptr<gpu::Runner> vulkan_;
  LimitedRunner* runner_ = nullptr;
  std::unique_ptr<Backend> device_;
};

inline Blocks random_blocks(BlockType type, int64_t rows, int64_t columns) {
  std::mt19937 random(20261130);
  cpu::RandomWeight weight = cpu::random_weight(type, rows, columns, random);
  return {type, rows, columns, {weight.bytes.begin() + 1, weight.bytes.end()}};
}

}  // namespace hearth
