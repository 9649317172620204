// The PTX that this build has, as far as it can be read without NVIDIA's assembler.
#include "engine/compute/cuda/kernels.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace hearth::cuda {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(CudaKernels, AreEachAModuleOfTheirOwnThatDriversSinceCuda11Take) {
  ASSERT_FALSE(packed_kernels().places.empty());
  for (const KernelPlace& kernel : packed_kernels().places) {
    SCOPED_TRACE(kernel.name);
    const std::string ptx = ptx_of(kernel);
    EXPECT_THAT(ptx, StartsWith(".version 7.0\n.target sm_80\n.address_size 64\n"));
    EXPECT_THAT(ptx, HasSubstr(fmt::format(".visible .entry {}(\n", kernel.identifier)));
    EXPECT_EQ(ptx.find(".entry"), ptx.rfind(".entry"));
    EXPECT_THAT(ptx, HasSubstr(fmt::format(".maxntid {}, 1, 1\n", kernel.threads)));
    EXPECT_EQ(ptx.substr(ptx.size() - 2), "}\n");
  }
}

TEST(CudaKernels, CallNothingThatIsNotInThem) {
  for (const KernelPlace& kernel : packed_kernels().places) {
    const std::string ptx = ptx_of(kernel);
    EXPECT_EQ(ptx.find("call"), std::string::npos) << kernel.name;
    EXPECT_EQ(ptx.find(".extern"), std::string::npos) << kernel.name;
  }
}

}  // namespace
}  // namespace hearth::cuda
