// A GPU that computes right passes its self-check; one that does not is found out, by the operation.
#include "engine/compute/gpu/self_check.h"

#include <gtest/gtest.h>

#include <array>

#include "engine/compute/delegating_backend.h"
#include "engine/compute/devices.h"

namespace hearth::gpu {
namespace {

constexpr std::array kTypes{BlockType::kQ8_0, BlockType::kQ4_K};

/// The processor, which every build has: what it computes is what a GPU is compared with.
std::unique_ptr<Backend> device() { return std::move(make_backend({})).value(); }

std::vector<std::string> wrong_on(Backend& backend, const std::string& driver) {
  const SelfCheck test(backend, driver, kTypes);
  EXPECT_TRUE(backend.wait().ok());
  const auto wrong = test.wrong();
  EXPECT_TRUE(wrong.ok());
  return *wrong;
}

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
  EXPECT_EQ(wrong_on(*right, "right"), std::vector<std::string>());
}

TEST(SelfCheck, NamesTheOperationsThatAreWrong) {
  const auto right = device();
  ForgetsTheMean without_mean(*right);
  EXPECT_EQ(wrong_on(without_mean, "without mean"), std::vector<std::string>{"layer norm"});
  GivesTooLittle less(*right);
  EXPECT_EQ(wrong_on(less, "less"),
            (std::vector<std::string>{"product of 40 rows with Q8_0", "product of 40 rows with Q4_K"}));
}

TEST(SelfCheck, DoesNotTestAgainWhatWasRight) {
  const auto right = device();
  EXPECT_EQ(wrong_on(*right, "tested"), std::vector<std::string>());
  ForgetsTheMean without_mean(*right);
  EXPECT_EQ(wrong_on(without_mean, "tested"), std::vector<std::string>());
}

TEST(SelfCheck, PassesOnTheGpuOfThisMachine) {
  const auto gpu = make_backend({.device = "gpu"});
  if (!gpu.ok()) GTEST_SKIP() << gpu.error().message;
  EXPECT_EQ(wrong_on(**gpu, (*gpu)->description()), std::vector<std::string>());
}

}  // namespace
}  // namespace hearth::gpu
