#include "engine/compute/devices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hearth {
namespace {

TEST(Devices, AreTheCpuUnlessAnotherIsNamed) {
  for (const char* const name : {"", "cpu"}) {
    const auto device = make_backend({name, 1, ""});
    ASSERT_TRUE(device.ok());
    EXPECT_THAT((*device)->description(), ::testing::StartsWith("cpu ("));
  }
}

TEST(Devices, ThatThereAreNotAreRefusedNamingThoseThereAre) {
  const auto device = make_backend({"abacus", 1, ""});
  ASSERT_FALSE(device.ok());
  EXPECT_EQ(device.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(device.error().message, ::testing::HasSubstr("there is no device 'abacus'; there is cpu"));
}

}  // namespace
}  // namespace hearth
