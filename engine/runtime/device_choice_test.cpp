#include "engine/runtime/device_choice.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "engine/format/gguf_writer.h"
#include "engine/runtime/model.h"
#include "engine/runtime/test_model.h"
#include "testing/synthetic/synthetic_model.h"

namespace hearth {
namespace {

using ::testing::AllOf;
using testing::expect_value;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A GPU that has memory and makes no kernel.
class NoKernels final : public gpu::Runner {
 public:
  explicit NoKernels(gpu::DeviceProperties device) : device_(std::move(device)) {}

  const gpu::DeviceProperties& device() const override { return device_; }
  Result<gpu::BlockId> create_block(uint64_t /*bytes*/) override { return ++last_block_; }
  void destroy_block(gpu::BlockId /*block*/) override {}
  Result<gpu::KernelId> kernel(std::string_view /*name*/) override {
    return Error{ErrorCode::kUnsupported, "the driver refuses it"};
  }
  void write(gpu::BlockId /*to*/, uint64_t /*offset*/, std::span<const std::byte> /*bytes*/) override {}
  void submit(const gpu::CommandList& /*list*/) override {}
  void begin_read(const gpu::Binding& /*from*/, std::span<std::byte> /*into*/) override {}
  Result<bool> ready() override { return true; }
  Result<void> wait() override { return {}; }

 private:
  gpu::DeviceProperties device_;
  gpu::BlockId last_block_ = 0;
};

Result<std::unique_ptr<gpu::Runner>> no_kernels(gpu::DeviceProperties device) {
  return std::unique_ptr<gpu::Runner>(new NoKernels(std::move(device)));
}

/// What a device that computes all layers is called, and where the CPU computes some.
constexpr const char* kReference = "reference (plain loops, for tests)";
constexpr const char* kBesideCpu = " on, cpu (";

class DeviceChoice : public ::testing::Test {
 protected:
  DeviceChoice() {
    GgufWriter writer;
    const auto added = add_synthetic_model(*find_synthetic_shape("tiny-llama"),
                                           expect_value(find_type_mix("F32")), 1, writer);
    EXPECT_TRUE(added.ok());
    file_ = expect_value(writer.write_to_memory());
    options_.threads = 1;
    options_.context_size = 64;
    options_.max_batch_rows = 16;
  }

  Result<std::unique_ptr<Model>> load(const gpu::MakeRunner& gpu = nullptr) const {
    return Model::load({borrow_memory(file_)}, options_, nullptr, gpu);
  }

  std::vector<std::byte> file_;
  LoadOptions options_;
};

TEST_F(DeviceChoice, IsTheCpuUnlessAnotherIsNamed) {
  const auto model = expect_value(load());
  EXPECT_THAT(model->info().device, StartsWith("cpu ("));
  EXPECT_EQ(model->info().device_reason, "");
}

TEST_F(DeviceChoice, TheDeviceComputesAsManyLayersAsAreAskedFor) {
  const int32_t count = expect_value(load())->spec().n_layer();
  ASSERT_GE(count, 2);
  options_.device = "reference";
  EXPECT_EQ(expect_value(load())->info().device, kReference);
  options_.gpu_layers = count + 1;
  EXPECT_EQ(expect_value(load())->info().device, kReference) << "there are no more than that";
  options_.gpu_layers = 1;
  const auto model = expect_value(load());
  EXPECT_THAT(model->info().device,
              StartsWith(fmt::format("{} from layer {}{}", kReference, count - 1, kBesideCpu)));
  EXPECT_EQ(model->info().device_reason, "") << "it is what was asked for";
}

TEST_F(DeviceChoice, TheDeviceComputesAsManyLayersAsFitItsMemory) {
  options_.device = "reference";
  uint64_t bytes = uint64_t{1} << 24;
  bool some_fit = false;
  for (; !some_fit; bytes -= 64 << 10) {
    options_.gpu_memory = bytes;
    const auto model = load();
    ASSERT_TRUE(model.ok()) << model.error().message;
    some_fit = (*model)->info().device != kReference;
    EXPECT_EQ((*model)->info().device_reason.empty(), !some_fit);
  }
  const auto model = expect_value(load());
  EXPECT_THAT(model->info().device, HasSubstr(kBesideCpu));
  EXPECT_THAT(model->info().device_reason,
              AllOf(HasSubstr(fmt::format(" of {} layers fit", model->spec().n_layer())),
                    HasSubstr(fmt::format("{} bytes", options_.gpu_memory))));
  options_.gpu_layers = model->spec().n_layer();
  const auto refused = load();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kOutOfMemory);
  EXPECT_THAT(refused.error().message, AllOf(HasSubstr("gpuLayers"), HasSubstr("is the most that fits")));
}

TEST_F(DeviceChoice, MemoryForNoLayerIsAnErrorThatSaysWhatToDo) {
  options_.device = "reference";
  options_.gpu_memory = 1 << 20;
  const auto refused = load();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kOutOfMemory);
  EXPECT_THAT(refused.error().message,
              HasSubstr("raise gpuMemory, use a smaller contextSize, or the device"));
}

TEST_F(DeviceChoice, AutoIsTheCpuWhereTheGpuIsTheProcessor) {
  options_.device = "auto";
  const auto model = expect_value(load([] {
    gpu::DeviceProperties device;
    device.name = "paint";
    device.is_software = true;
    return no_kernels(device);
  }));
  EXPECT_THAT(model->info().device, StartsWith("cpu ("));
  EXPECT_EQ(model->info().device_reason,
            "gpu (paint) is a driver that computes on the processor, which the CPU does itself");
}

TEST_F(DeviceChoice, AutoIsTheCpuWhereTheGpuCannotCompute) {
  options_.device = "auto";
  const auto model = expect_value(load([] { return no_kernels({}); }));
  EXPECT_THAT(model->info().device, StartsWith("cpu ("));
  EXPECT_EQ(model->info().device_reason, "the driver refuses it");
}

TEST_F(DeviceChoice, AutoIsTheCpuWhereTheGpuHasTooLittleMemory) {
  options_.device = "auto";
  const auto model = expect_value(load([] {
    gpu::DeviceProperties device;
    device.memory_bytes = 1 << 20;
    return no_kernels(device);
  }));
  EXPECT_THAT(model->info().device, StartsWith("cpu ("));
  EXPECT_THAT(model->info().device_reason, HasSubstr("raise gpuMemory"));
}

}  // namespace
}  // namespace hearth
