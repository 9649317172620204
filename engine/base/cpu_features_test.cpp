#include "engine/base/cpu_features.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {
namespace {

using ::testing::ElementsAreArray;

TEST(CpuFeatures, PortableCodeRunsEverywhereAndIsTheLastChoice) {
  ASSERT_FALSE(supported_instruction_sets().empty());
  EXPECT_EQ(supported_instruction_sets().back(), "portable");
}

TEST(CpuFeatures, AgreeWithTheKernelsList) {
  std::ifstream list("/proc/cpuinfo");
  std::string line;
  while (std::getline(list, line) && !line.starts_with("flags")) {
  }
  if (!line.starts_with("flags")) GTEST_SKIP() << "no x86 flags in /proc/cpuinfo";
  line += " ";
  const auto has = [&](const char* flag) { return line.find(std::string(" ") + flag + " ") != line.npos; };
  const bool avx2 = has("avx2") && has("fma") && has("f16c") && has("bmi2");
  const bool avx512_vnni =
      avx2 && has("avx512f") && has("avx512bw") && has("avx512dq") && has("avx512vl") && has("avx512_vnni");
  std::vector<std::string_view> expected;
  if (avx512_vnni) expected.emplace_back("avx512_vnni");
  if (avx2) expected.emplace_back("avx2");
  expected.emplace_back("portable");
  EXPECT_THAT(supported_instruction_sets(), ElementsAreArray(expected));
}

}  // namespace
}  // namespace hearth
