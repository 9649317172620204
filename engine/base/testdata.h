// Where tests find the shared reference data. Test code only.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace hearth::testing {

/// The folder named by HEARTH_TESTDATA, or ../shared/testdata beside the project (tests run in its root).
inline std::filesystem::path testdata() {
  const char* chosen = std::getenv("HEARTH_TESTDATA");
  return chosen != nullptr ? chosen : "../shared/testdata";
}

}  // namespace hearth::testing

/// Skips the current test, saying why, where the shared data is not on this machine.
#define HEARTH_REQUIRE_TESTDATA()                                                                            \
  if (!std::filesystem::exists(hearth::testing::testdata())) {                                               \
    GTEST_SKIP() << "no reference data at " << hearth::testing::testdata() << "; set HEARTH_TESTDATA to it"; \
  }                                                                                                          \
  static_assert(true)
