// Files of other languages that are made from a list of the engine's: checked to be current, or written anew
// with HEARTH_WRITE_TABLE=1. Test code only.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace hearth::testing {

/// That the file at `path`, from the root of the repository, has `text` where `begin` first stands ("": at
/// its beginning), up to where `end` follows ("": to its end).
inline void expect_generated(const char* path, std::string_view begin, const std::string& text,
                             std::string_view end = "") {
  std::ifstream file(path);
  std::string whole(std::istreambuf_iterator<char>(file), {});
  const size_t first = whole.find(begin);
  const size_t last = end.empty() ? whole.size() : whole.find(end, first);
  ASSERT_TRUE(first != std::string::npos && last != std::string::npos) << path << " has no place for it";
  if (std::getenv("HEARTH_WRITE_TABLE") != nullptr) {
    whole.replace(first, last - first, text);
    std::ofstream(path) << whole;
    return;
  }
  EXPECT_EQ(whole.substr(first, last - first), text)
      << "run this test once more in the repository's root, with HEARTH_WRITE_TABLE=1";
}

}  // namespace hearth::testing
