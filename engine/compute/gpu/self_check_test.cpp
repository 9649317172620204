// A GPU that computes right passes its self-check; one that does not is found out, by the kernel, and is
// opened next without the extension that was at fault.
#include "engine/compute/gpu/self_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "engine/compute/delegating_backend.h"
#include "engine/compute/gpu/checked_operations.h"
#include "engine/compute/gpu/limited_gpu.h"

namespace hearth::gpu {
namespace {

using ::testing::HasSubstr;

/// The processor, which every build has: what it computes is what a GPU is compared with.
std::unique_ptr<Backend> device() { return std::move(make_backend({})).value(); }

Result<void> outcome_on(Backend& backend, const std::string& driver,
                        const std::vector<std::string>& kernels) {
  SelfCheck check(backend, {.name = "A GPU", .driver = driver, .is_software = true});
  const auto begun = check.begin(kernels);
  EXPECT_TRUE(begun.ok());
  EXPECT_TRUE(backend.wait().ok());
  return check.end();
}

const std::vector<std::string> kKernels{"norm", "matrix_matrix/type=q8_0", "matrix_vector/type=q4_k,rows=1"};

/// Turns every layer norm into an RMS norm.
class ForgetsTheMean final : public DelegatingBackend {
 public:
  using DelegatingBackend::DelegatingBackend;
  void norm(NormKind /*kind*/, Tensor x, Vector weight, Vector bias, float epsilon, Tensor out) override {
    device_.norm(NormKind::kRms, x, weight, bias, epsilon, out);
  }
};

/// Products of many rows are a tenth too small.
class GivesTooLittle final : public DelegatingBackend {
 public:
  using DelegatingBackend::DelegatingBackend;
  void linear(Tensor x, std::span<const Projection> projections) override {
    device_.linear(x, projections);
    if (x.rows > 1) device_.scale(0.9F, projections[0].out);
  }
};

TEST(SelfCheck, PassesWhereAllIsRight) {
  const auto right = device();
  EXPECT_TRUE(outcome_on(*right, "right", kKernels).ok());
}

TEST(SelfCheck, NamesTheKernelsThatAreWrong) {
  const auto right = device();
  ForgetsTheMean without_mean(*right);
  const auto norms = outcome_on(without_mean, "without mean", kKernels);
  ASSERT_FALSE(norms.ok());
  EXPECT_EQ(norms.error().code, ErrorCode::kDeviceLost);
  EXPECT_THAT(norms.error().message, HasSubstr("A GPU (without mean) computes wrongly: norm;"));
  GivesTooLittle less(*right);
  EXPECT_THAT(outcome_on(less, "less", kKernels).error().message, HasSubstr(": matrix_matrix/type=q8_0;"));
}

TEST(SelfCheck, DoesNotTestAgainWhatWasRight) {
  const auto right = device();
  EXPECT_TRUE(outcome_on(*right, "tested", kKernels).ok());
  ForgetsTheMean without_mean(*right);
  EXPECT_TRUE(outcome_on(without_mean, "tested", kKernels).ok());
}

TEST(SelfCheck, TrustsADriverWithoutAName) {
  const auto right = device();
  ForgetsTheMean without_mean(*right);
  EXPECT_TRUE(outcome_on(without_mean, "", kKernels).ok());
}

/// The kernels, by their names with options (kernels/README.md); of types of weights one that is quantised,
/// or the first, and of caches the usual one.
std::vector<std::string> kernel_names() {
  std::vector<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator("engine/compute/gpu/kernels")) {
    if (file.path().extension() != ".wgsl") continue;
    std::vector<std::string> own{file.path().stem().string()};
    std::ifstream text(file.path());
    std::string line, comment, word, option;
    char separator = '/';
    while (std::getline(text, line)) {
      std::istringstream words(line);
      words >> comment >> word >> option;
      if (comment != "//!" || word != "option") continue;
      const bool is_type = option == "type:";
      if (is_type && own.front().find("type=") != std::string::npos) continue;
      std::vector<std::string> values{std::istream_iterator<std::string>(words), {}};
      if (is_type) values = {std::ranges::count(values, "q4_0") > 0 ? "q4_0" : values.front()};
      if (option == "kv:") values = {"f16"};
      option.back() = '=';
      std::vector<std::string> longer;
      for (const std::string& name : own) {
        for (const std::string& value : values) longer.push_back(name + separator + option + value);
      }
      own = longer;
      separator = ',';
    }
    names.insert(names.end(), own.begin(), own.end());
  }
  return names;
}

/// A GPU whose driver leaves out a kernel.
class SelfCheckOnGpu : public LimitedGpu {
 protected:
  /// Where the kernel is one for devices without an extension, it is such a device.
  void open_without(const std::string& kernel, const std::string& driver) {
    open([&](DeviceProperties& properties) {
      properties.driver = driver;
      if (kernel.find("packed_dot=no") != std::string::npos) properties.packed_dot = false;
    });
    if (runner_ != nullptr) runner_->left_out = kernel;
  }

  /// What an operation that uses the kernel comes to.
  Result<void> outcome_of(const std::string& kernel) {
    const auto memory = device_->allocate(CheckInputs::kBytes);
    EXPECT_TRUE(memory.ok());
    CheckInputs inputs(*device_, *memory);
    const CheckedOperation operation = operation_of(kernel);
    EXPECT_TRUE(operation) << "there is none";
    if (operation) operation(inputs);
    Result<void> computed = device_->wait();
    device_->release(*memory);
    return computed;
  }
};

TEST_F(SelfCheckOnGpu, FindsEveryKernelThatIsLeftOut) {
  for (const std::string& kernel : kernel_names()) {
    if (kernel.starts_with("find_highest")) continue;  // gives what it finds in any order
    SCOPED_TRACE(kernel);
    open_without(kernel, "right");
    runner_->left_out.clear();
    const auto right = outcome_of(kernel);
    EXPECT_TRUE(right.ok()) << right.error().message;
    open_without(kernel, "without " + kernel);
    const auto wrong = outcome_of(kernel);
    EXPECT_FALSE(wrong.ok());
    if (wrong.ok()) continue;
    EXPECT_EQ(wrong.error().code, ErrorCode::kDeviceLost);
    EXPECT_THAT(wrong.error().message, HasSubstr(kernel));
    EXPECT_FALSE(device_->wait().ok()) << "it is not trusted any more";
  }
}

TEST_F(SelfCheckOnGpu, DoesWithoutAnExtensionThatIsWrongWhenItIsOpenedAnew) {
  if (!vulkan_->device().packed_dot) GTEST_SKIP() << "a device without packed_dot";
  const std::string kernel = "matrix_vector/type=q4_0,packed_dot=yes,rows=1";
  open_without(kernel, "bad at dots");
  EXPECT_FALSE(outcome_of(kernel).ok());
  open_without(kernel, "bad at dots");
  const auto plain = outcome_of(kernel);
  EXPECT_TRUE(plain.ok()) << plain.error().message;
}

}  // namespace
}  // namespace hearth::gpu
