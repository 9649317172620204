// Where tests find the shared reference data. Test code only.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

namespace hearth::testing {

/// The folder named by HEARTH_TESTDATA, or ../shared/testdata beside the project (tests run in its root).
inline std::filesystem::path testdata() {
  const char* chosen = std::getenv("HEARTH_TESTDATA");
  return chosen != nullptr ? chosen : "../shared/testdata";
}

/// All bytes of a file; none if it cannot be read.
inline std::vector<std::byte> read_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> chars{std::istreambuf_iterator<char>(file), {}};
  const auto bytes = std::as_bytes(std::span(chars));
  return {bytes.begin(), bytes.end()};
}

}  // namespace hearth::testing

/// Skips the current test, saying why, where the shared data is not on this machine.
#define HEARTH_REQUIRE_TESTDATA()                                                                            \
  if (!std::filesystem::exists(hearth::testing::testdata())) {                                               \
    GTEST_SKIP() << "no reference data at " << hearth::testing::testdata() << "; set HEARTH_TESTDATA to it"; \
  }                                                                                                          \
  static_assert(true)
