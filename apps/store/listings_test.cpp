#include "apps/store/listings.h"

#include <gtest/gtest.h>

#include "apps/store/store_testing.h"

namespace hearth::store {
namespace {

constexpr const char* kUrl = "https://h/api/models/o/m/tree/main?recursive=true";

TEST(Listings, GivesBackWhatWasKept) {
  const TemporaryFolder folder;
  EXPECT_FALSE(read_page(folder.path(), kUrl));
  write_page(folder.path(), kUrl,
             {{{"m.gguf", 5, std::string(64, 'a')}, {"b", std::nullopt, ""}}, "/two", "W/\"1\"", 7});
  const auto page = read_page(folder.path(), kUrl);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->files.size(), 2U);
  EXPECT_EQ(page->files[0].size, 5U);
  EXPECT_EQ(page->files[0].sha256, std::string(64, 'a'));
  EXPECT_EQ(page->files[1].size, std::nullopt);
  EXPECT_EQ(page->next, "/two");
  EXPECT_EQ(page->etag, "W/\"1\"");
  EXPECT_EQ(page->time, 7);
}

TEST(Listings, JoinsAllPagesWithTheTimeOfTheOldest) {
  const TemporaryFolder folder;
  write_page(folder.path(), kUrl, {{{"a.gguf", 1, ""}}, "/two", "", 9});
  EXPECT_FALSE(listed_before(folder.path(), kUrl));
  write_page(folder.path(), "https://h/two", {{{"b.gguf", 2, ""}}, "", "", 4});
  const auto whole = listed_before(folder.path(), kUrl);
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->files.size(), 2U);
  EXPECT_EQ(whole->time, 4);
}

TEST(Listings, TakesNothingFromWhatIsNoPage) {
  for (const char* text :
       {"", "[]", "{}", R"({"files":{},"time":1})", R"({"files":[]})", R"({"files":[1],"time":1})",
        R"({"files":[],"time":-1})", R"({"files":[],"time":1e300})", "\xFF"}) {
    EXPECT_FALSE(parse_page(text)) << text;
  }
}

}  // namespace
}  // namespace hearth::store
