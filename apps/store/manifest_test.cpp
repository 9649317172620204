#include "apps/store/manifest.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace hearth::store {
namespace {

std::optional<Manifest> parse(const char* text) {
  return parse_manifest(nlohmann::ordered_json::parse(text, nullptr, false));
}

TEST(Manifest, NamesTheChunksOfAFile) {
  const auto manifest = parse(R"({"name":"m.gguf","size":5,"sha256":"AB","chunks":[{"url":"m.000","size":3},
      {"url":"http://o/m.001","size":2,"sha256":"CD"}]})");
  ASSERT_TRUE(manifest);
  EXPECT_EQ(manifest->name, "m.gguf");
  EXPECT_EQ(manifest->size, 5U);
  EXPECT_EQ(manifest->sha256, "ab");
  ASSERT_EQ(manifest->chunks.size(), 2U);
  EXPECT_EQ(manifest->chunks[0].sha256, "");
  EXPECT_EQ(manifest->chunks[1].url, "http://o/m.001");
}

TEST(Manifest, IsRefusedWhereItsSizesDoNotAddUpOrItsNameLeadsElsewhere) {
  for (const char* text :
       {"", "[]", "{}", R"({"size":1,"chunks":[]})", R"({"size":1,"chunks":[{"url":"a","size":2}]})",
        R"({"size":2,"chunks":[{"url":"a","size":1}]})", R"({"size":1,"chunks":[{"url":"","size":1}]})",
        R"({"size":1,"chunks":[{"size":1}]})", R"({"size":-1,"chunks":[{"url":"a","size":-1}]})",
        R"({"size":1.5,"chunks":[{"url":"a","size":1.5}]})", R"({"size":1,"chunks":{"url":"a","size":1}})",
        R"({"size":1,"chunks":[{"url":"a","size":18446744073709551615},{"url":"b","size":2}]})",
        R"({"name":"../m","size":1,"chunks":[{"url":"a","size":1}]})",
        R"({"name":"a\\b","size":1,"chunks":[{"url":"a","size":1}]})"}) {
    EXPECT_FALSE(parse(text)) << text;
  }
}

}  // namespace
}  // namespace hearth::store
