#include "apps/serve/config/near_name.h"

#include <gtest/gtest.h>

#include <string>

namespace hearth::serve {
namespace {

constexpr std::string_view kNames[] = {"host", "port", "models", "modelsFolder"};

TEST(NearName, IsTheOneThatMayBeMeant) {
  EXPECT_EQ(near_name("prot", kNames), "port");
  EXPECT_EQ(near_name("model", kNames), "models");
  EXPECT_EQ(near_name("modelfolder", kNames), "modelsFolder");
  EXPECT_EQ(near_name("PORT", kNames), "port");
}

TEST(NearName, IsNoneWhereNothingIsNear) {
  EXPECT_EQ(near_name("listen", kNames), std::nullopt);
  EXPECT_EQ(near_name("", kNames), std::nullopt);
  EXPECT_EQ(near_name(std::string(100000, 'p'), kNames), std::nullopt);
}

}  // namespace
}  // namespace hearth::serve
