#include "apps/store/hugging_face.h"

#include <gtest/gtest.h>

namespace hearth::store {
namespace {

TEST(HuggingFace, ReadsWhichFilesARepositoryHas) {
  const std::string sha256(64, 'A');
  const auto files = parse_listing(R"([{"type":"directory","path":"sub"},
      {"type":"file","path":"README.md","size":7},
      {"type":"file","path":"m.gguf","size":5000000000,"lfs":{"oid":")" +
                                   sha256 + R"(","size":5000000000}}])");
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 2U);
  EXPECT_EQ(files->at(0).sha256, "");
  EXPECT_EQ(files->at(1).path, "m.gguf");
  EXPECT_EQ(files->at(1).size, 5'000'000'000U);
  EXPECT_EQ(files->at(1).sha256, std::string(64, 'a'));
}

TEST(HuggingFace, TakesNothingFromWhatIsNoList) {
  for (const char* text : {"", "{}", "null", "[", "<html>", "\xFF"})
    EXPECT_FALSE(parse_listing(text)) << text;
  const auto files = parse_listing(
      R"([null, 1, {"type":"file"}, {"type":"file","path":3}, {"type":"file","path":"a","size":-1,"lfs":{"oid":"x"}}])");
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 1U);
  EXPECT_EQ(files->front().size, std::nullopt);
  EXPECT_EQ(files->front().sha256, "");
}

TEST(HuggingFace, FollowsItsPages) {
  EXPECT_EQ(next_page(R"(<https://h/a?cursor=1>; rel="next")"), "https://h/a?cursor=1");
  EXPECT_EQ(next_page(R"(<https://h/a>; rel="prev", <https://h/b>; rel="next")"), "https://h/b");
  EXPECT_EQ(next_page(""), "");
  EXPECT_EQ(next_page("<https://h/a; rel=\"next\""), "");
}

}  // namespace
}  // namespace hearth::store
