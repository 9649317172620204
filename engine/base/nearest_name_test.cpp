#include "engine/base/nearest_name.h"

#include <gtest/gtest.h>

namespace hearth {
namespace {

TEST(NearestName, IsTheOneThatMayBeMeant) {
  const std::vector<std::string> names = {"host", "port", "models", "modelsFolder"};
  EXPECT_EQ(nearest_name("prot", names), "port");
  EXPECT_EQ(nearest_name("model", names), "models");
  EXPECT_EQ(nearest_name("modelfolder", names), "modelsFolder");
  EXPECT_EQ(nearest_name("HOST", names), "host");
  EXPECT_NE(nearest_name(std::string(1 << 24, 'p'), names), "") << "of any length, in no time";
  EXPECT_EQ(nearest_name("port", {}), "");
}

}  // namespace
}  // namespace hearth
