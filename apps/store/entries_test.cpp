#include "apps/store/entries.h"

#include <gtest/gtest.h>

#include <array>

#include "apps/store/store_testing.h"

namespace hearth::store {
namespace {

TEST(Entries, KeepsFilesWhereNodeJsKeepsThem) {
  const std::array<std::array<const char*, 2>, 8> cases{{
      {"https://huggingface.co/owner/repository/resolve/main/a.gguf",
       "huggingface.co-0bcf291bc77c7de2/a.gguf"},
      {"HTTPS://Example.ORG:443/a/./b/../model.gguf?x=1&y=a b'", "example.org-8f1b30ae3dc88790/model.gguf"},
      {"http://127.0.0.1:8080/models/m%20%C3%BC%F0%9F%98%80.gguf", "127.0.0.1-e931afd68d62c43d/m____.gguf"},
      {"http://[::1]:9/%zz.gguf", "[::1]-76acbf6c34569c33/_zz.gguf"},
      {"http://example.org/..%2f..%2fetc%2fpasswd", "example.org-1398dcff8fc47e77/_.._.._etc_passwd"},
      {"http://example.org/a/%2e%2e/.hidden", "example.org-1398dcff8fc47e77/_.hidden"},
      {"http://example.org", "example.org-1398dcff8fc47e77/_"},
      {"http://example.org/x.gguf?download=true", "example.org-8f4a55c7220ca753/x.gguf"},
  }};
  for (const auto& [url, path] : cases) EXPECT_EQ(cache_path(*WebAddress::parse(url)), path) << url;
}

TEST(Entries, FindsWhatWasCommittedAndNothingHalf) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "h-0" / "m.gguf";
  write_text(folder.path() / "h-0" / "m.gguf.partial", "bytes");
  write_text(folder.path() / "h-0" / "gone.gguf.entry", R"({"url":"http://h/gone.gguf"})");
  write_text(folder.path() / "h-0" / "torn.gguf", "bytes");
  write_text(folder.path() / "h-0" / "torn.gguf.entry", R"({"url":"http://h/to)");
  write_text(folder.path() / "h-0" / "unknown.gguf", "bytes");
  EXPECT_TRUE(entries(folder.path()).empty());
  ASSERT_TRUE(
      commit(folder.path() / "h-0" / "m.gguf.partial", path, Note{"http://h/m.gguf", "ab", {}, 0}).ok());
  const auto found = entries(folder.path());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front().path, path);
  EXPECT_EQ(found.front().note.url, "http://h/m.gguf");
  EXPECT_EQ(found.front().note.sha256, "ab");
  EXPECT_EQ(found.front().note.size, 5U);
  EXPECT_TRUE(entries(folder.path() / "none").empty());
}

TEST(Entries, NoticesThatAFileHasChanged) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "m.gguf";
  write_text(folder.path() / "m.partial", "bytes");
  ASSERT_TRUE(commit(folder.path() / "m.partial", path, Note{"http://h/m.gguf", "", {}, 0}).ok());
  EXPECT_TRUE(is_unchanged(path, *note_of(path)));
  write_text(path, "other");
  std::filesystem::last_write_time(path,
                                   std::filesystem::file_time_type::clock::now() + std::chrono::seconds(5));
  EXPECT_FALSE(is_unchanged(path, *note_of(path)));
}

TEST(Entries, DiscardsAFileWithItsNote) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "m.gguf";
  write_text(folder.path() / "m.partial", "bytes");
  ASSERT_TRUE(commit(folder.path() / "m.partial", path, Note{"http://h/m.gguf", "", {}, 0}).ok());
  ASSERT_TRUE(discard(path).ok());
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace hearth::store
