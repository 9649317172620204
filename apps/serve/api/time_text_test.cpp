#include "apps/serve/api/time_text.h"

#include <gtest/gtest.h>

namespace hearth::serve {
namespace {

TEST(TimeText, HasNanoseconds) {
  const auto time = std::chrono::system_clock::from_time_t(0) + std::chrono::nanoseconds(1500000001);
  EXPECT_EQ(time_text(time), "1970-01-01T00:00:01.500000001Z");
}

}  // namespace
}  // namespace hearth::serve
