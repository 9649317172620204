// What the runner makes of lists of commands, with a driver that plays the kernels on this processor
// (host/driver.h).
#include "engine/compute/cuda/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
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

TEST(CudaRunner, SaysWhatTheDriverHasAgainstAKernel) {
  Driver driver = host::driver();
  driver.cuModuleLoadDataEx = [](Module*, const void*, unsigned, int*, void** values) {
    std::strcpy(static_cast<char*>(values[0]), "ptxas: line 7 is wrong");
    return Status{218};
  };
  const auto kernel = runner_of(driver)->kernel("clear");
  ASSERT_FALSE(kernel.ok());
  EXPECT_EQ(kernel.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(kernel.error().message, HasSubstr("'clear'"));
  EXPECT_THAT(kernel.error().message, HasSubstr("ptxas: line 7 is wrong"));
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

TEST(CudaRunner, GivesUpItsContextWithTheDeviceThatIsLostSoThatAnotherOneIsNotOfIt) {
  static int contexts;
  contexts = 0;
  Driver driver = host::driver();
  driver.cuCtxCreate_v2 = [](Context* context, unsigned flags, DeviceNumber device) {
    ++contexts;
    return host::driver().cuCtxCreate_v2(context, flags, device);
  };
  driver.cuCtxDestroy_v2 = [](Context context) {
    --contexts;
    return host::driver().cuCtxDestroy_v2(context);
  };
  driver.cuStreamSynchronize = [](Stream stream) {
    host::driver().cuStreamSynchronize(stream);
    return Status{719};
  };
  const auto lost = runner_of(driver);
  const gpu::BlockId block = lost->create_block(1024).value();
  EXPECT_FALSE(lost->wait().ok());
  EXPECT_EQ(contexts, 0);
  EXPECT_EQ(lost->create_block(1024).error().code, ErrorCode::kDeviceLost);
  lost->destroy_block(block);
  const auto next = runner_of(host::driver());
  EXPECT_TRUE(next->create_block(1024).ok());
}

TEST(CudaRunner, SaysThatADeviceIsUnsupportedThatCannotBeOpened) {
  Driver driver = host::driver();
  driver.cuCtxCreate_v2 = [](Context*, unsigned, DeviceNumber) { return Status{46}; };
  const auto refused = CudaRunner::make(driver);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
}

TEST(CudaRunner, MayTakeTheMemoryThatOthersLeave) {
  Driver driver = host::driver();
  driver.cuMemGetInfo_v2 = [](size_t* free_bytes, size_t* bytes) {
    *free_bytes = 3000;
    *bytes = 8000;
    return kSuccess;
  };
  EXPECT_EQ(runner_of(driver)->device().memory_bytes, 3000U);
}

TEST(CudaRunner, TellsWhatEachKernelTookSinceItIsProfiled) {
  const auto runner = runner_of(host::driver());
  const gpu::BlockId block = runner->create_block(1024).value();
  const auto clear = [&] {
    gpu::CommandList list;
    list.commands.assign(2, {runner->kernel("clear").value(), {1, 1, 1}, 0, 1});
    list.bindings = {{block, 0, 1024}};
    list.parameters.resize(2 * gpu::CommandList::kParameterBytes / sizeof(uint32_t));
    runner->submit(list);
    EXPECT_TRUE(runner->wait().ok());
  };
  clear();
  runner->begin_profile();
  EXPECT_TRUE(runner->profile().empty());
  clear();
  clear();
  const std::vector<KernelTime> times = runner->profile();
  ASSERT_EQ(times.size(), 1U);
  EXPECT_EQ(times[0].kernel, "clear");
  EXPECT_EQ(times[0].calls, 4U);
  EXPECT_GT(times[0].seconds, 0.0);
}

}  // namespace
}  // namespace hearth::cuda
