#include "engine/text/byte_trie.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hearth {
namespace {

using Match = std::pair<size_t, int32_t>;

std::vector<Match> prefixes(const ByteTrie& trie, std::string_view text) {
  std::vector<Match> found;
  trie.for_each_prefix(text, [&](size_t bytes, int32_t value) { found.emplace_back(bytes, value); });
  return found;
}

TEST(ByteTrie, FindsEveryPrefixShortestFirst) {
  const ByteTrie trie({{"abc", 3}, {"a", 1}, {"ab", 2}, {"b", 4}, {"abx", 5}});
  EXPECT_THAT(prefixes(trie, "abcd"), ::testing::ElementsAre(Match{1, 1}, Match{2, 2}, Match{3, 3}));
  EXPECT_THAT(prefixes(trie, "ab"), ::testing::ElementsAre(Match{1, 1}, Match{2, 2}));
  EXPECT_THAT(prefixes(trie, "xa"), ::testing::IsEmpty());
  EXPECT_EQ(trie.longest_prefix("abxabc"), Match(3, 5));
  EXPECT_EQ(trie.longest_prefix("c"), Match(0, ByteTrie::kNone));
}

TEST(ByteTrie, HoldsAnyBytes) {
  using std::string_view_literals::operator""sv;
  const ByteTrie trie({{"\0\xFF"sv, 1}, {"\xFF\0"sv, 2}, {"\x80"sv, 3}});
  EXPECT_EQ(trie.longest_prefix("\0\xFF\0"sv), Match(2, 1));
  EXPECT_EQ(trie.longest_prefix("\xFF\0"sv), Match(2, 2));
  EXPECT_EQ(trie.longest_prefix("\x80\x80"sv), Match(1, 3));
}

TEST(ByteTrie, OfEqualTextsTheFirstCounts) {
  const ByteTrie trie({{"same", 7}, {"same", 1}, {"", 5}});
  EXPECT_EQ(trie.longest_prefix("same"), Match(4, 7));
  EXPECT_EQ(trie.longest_prefix(""), Match(0, ByteTrie::kNone));
}

}  // namespace
}  // namespace hearth
