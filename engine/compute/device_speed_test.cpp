#include "engine/compute/device_speed.h"

#include <gtest/gtest.h>

#include "engine/compute/devices.h"

namespace hearth {
namespace {

constexpr int64_t kSpeedRows = 256;  // plain loops are slow

TEST(DeviceSpeed, OfTheCpuIsMoreThanThatOfPlainLoops) {
  const auto cpu = make_backend({"cpu", 1, ""});
  const auto reference = make_backend({"reference", 1, ""});
  ASSERT_TRUE(cpu.ok());
  if (!reference.ok()) GTEST_SKIP() << reference.error().message;
  const auto fast = weight_bytes_per_second(**cpu, kSpeedRows);
  const auto slow = weight_bytes_per_second(**reference, kSpeedRows);
  ASSERT_TRUE(fast.ok() && slow.ok());
  EXPECT_GT(*fast, *slow);
  EXPECT_GT(*slow, 0.0);
}

}  // namespace
}  // namespace hearth
