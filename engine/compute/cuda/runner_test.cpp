// What the runner makes of lists of commands, with a driver that plays the kernels on this processor
// (host/driver.h).
#include "engine/compute/cuda/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "engine/compute/cuda/host/driver.h"
#include "engine/compute/gpu/gpu_backend.h"

namespace hearth::cuda {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

int graphs_made;
int graphs_launched;
int kernels_told_anew;

/// The host's driver, which counts what is done with graphs.
Driver counting_driver() {
  Driver driver = host::driver();
  graphs_made = graphs_launched = kernels_told_anew = 0;
  driver.cuGraphInstantiateWithFlags = [](GraphExecution* execution, Graph graph, unsigned long long flags) {
    ++graphs_made;
    return host::driver().cuGraphInstantiateWithFlags(execution, graph, flags);
  };
  driver.cuGraphLaunch = [](GraphExecution execution, Stream stream) {
    ++graphs_launched;
    return host::driver().cuGraphLaunch(execution, stream);
  };
  driver.cuGraphExecKernelNodeSetParams = [](GraphExecution execution, GraphNode node,
                                             const KernelNode* kernel) {
    ++kernels_told_anew;
    return host::driver().cuGraphExecKernelNodeSetParams(execution, node, kernel);
  };
  return driver;
}

std::unique_ptr<gpu::Runner> runner_of(const Driver& driver) {
  auto made = CudaRunner::make(driver);
  EXPECT_TRUE(made.ok()) << made.error().message;
  return std::move(made).value();
}

/// A sum that additions go to, each a command.
class Additions {
 public:
  explicit Additions(const Driver& driver) : device_(runner_of(driver), 0) {
    x_ = {device_.allocate_zeroed(kCount * 4).value(), 1, kCount};
    y_ = {device_.allocate(kCount * 4).value(), 1, kCount};
    const std::vector<float> ones(kCount, 1.0F);
    device_.write(std::as_bytes(std::span(ones)), y_.data);
    EXPECT_TRUE(device_.wait().ok());
  }
  ~Additions() {
    device_.release(x_.data);
    device_.release(y_.data);
  }
  Additions(const Additions&) = delete;
  Additions& operator=(const Additions&) = delete;

  /// A step of so many additions, of 1 but the last.
  void step(int times, float last = 1.0F) {
    for (int i = 1; i <= times; ++i) device_.add_scaled(x_, y_, i == times ? last : 1.0F);
    EXPECT_TRUE(device_.ready().ok());
  }
  std::vector<float> sums() {
    std::vector<float> values(kCount);
    device_.begin_read(x_.data, std::as_writable_bytes(std::span(values)));
    EXPECT_TRUE(device_.wait().ok());
    return values;
  }

 private:
  static constexpr int64_t kCount = 1000;

  gpu::GpuBackend device_;
  Tensor x_;
  Tensor y_;
};

TEST(CudaRunner, RunsAListThatComesAgainAsAGraphAndTellsOnlyWhatChanged) {
  Additions additions(counting_driver());
  for (int step = 0; step < 4; ++step) additions.step(10, step < 3 ? 1.0F : 5.0F);
  // 10 each time, and 4 more by the last scale.
  EXPECT_THAT(additions.sums(), Each(44.0F));
  EXPECT_EQ(graphs_made, 1);
  EXPECT_EQ(graphs_launched, 3);
  EXPECT_EQ(kernels_told_anew, 1);
}

TEST(CudaRunner, KeepsApartListsOfDifferentShapes) {
  Additions additions(counting_driver());
  float expected = 0.0F;
  // More shapes than are remembered.
  for (int round = 0; round < 3; ++round) {
    for (int times = 5; times < 16; ++times) {
      additions.step(times);
      expected += static_cast<float>(times);
    }
  }
  EXPECT_THAT(additions.sums(), Each(expected));
}

TEST(CudaRunner, WritesMoreThanItStagesAtOnce) {
  const auto runner = runner_of(host::driver());
  std::vector<uint32_t> values(10'000'000);
  std::iota(values.begin(), values.end(), 1U);
  const gpu::BlockId block = runner->create_block(values.size() * 4).value();
  runner->write(block, 0, std::as_bytes(std::span(values)));
  std::vector<uint32_t> read(values.size());
  runner->begin_read({block, 0, values.size() * 4}, std::as_writable_bytes(std::span(read)));
  ASSERT_TRUE(runner->wait().ok());
  EXPECT_EQ(read, values);
}

TEST(CudaRunner, NamesTheKernelThatItLacks) {
  const auto runner = runner_of(host::driver());
  const auto kernel = runner->kernel("abacus/beads=ten");
  ASSERT_FALSE(kernel.ok());
  EXPECT_EQ(kernel.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(kernel.error().message, HasSubstr("'abacus/beads=ten'"));
}

TEST(CudaRunner, SaysThatThereIsNoDevice) {
  Driver driver = host::driver();
  driver.cuDeviceGetCount = [](int* count) {
    *count = 0;
    return kSuccess;
  };
  const auto none = CudaRunner::make(driver);
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, ErrorCode::kUnsupported);
}

TEST(CudaRunner, RefusesADeviceThatItsKernelsAreNotFor) {
  Driver driver = host::driver();
  driver.cuDeviceGetAttribute = [](int* value, int attribute, DeviceNumber) {
    *value = attribute == kCapabilityMajor ? 7 : 5;
    return kSuccess;
  };
  const auto old = CudaRunner::make(driver);
  ASSERT_FALSE(old.ok());
  EXPECT_EQ(old.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(old.error().message, HasSubstr("7.5"));
}

TEST(CudaRunner, SaysThatTheDeviceIsLostAndDoesNothingMoreWithIt) {
  Driver driver = host::driver();
  driver.cuStreamQuery = [](Stream) { return Status{700}; };
  const auto runner = runner_of(driver);
  for (int i = 0; i < 2; ++i) {
    const auto ready = runner->ready();
    ASSERT_FALSE(ready.ok());
    EXPECT_EQ(ready.error().code, ErrorCode::kDeviceLost);
  }
}

}  // namespace
}  // namespace hearth::cuda
