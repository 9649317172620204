#include "engine/base/escaped.h"

#include <gtest/gtest.h>

namespace hearth {
namespace {

TEST(Escaped, ShowsControlCharactersAndLeavesOtherText) {
  EXPECT_EQ(escaped("caf\u00e9 \u4f60\u597d \U0001F600 \\ '\""), "caf\u00e9 \u4f60\u597d \U0001F600 \\ '\"");
  EXPECT_EQ(escaped("\x1b[2Jred\r\n\t\x7f"), "\\x1b[2Jred\\x0d\\x0a\\x09\\x7f");
  EXPECT_EQ(escaped(std::string_view("a\0b", 3)), "a\\x00b");
}

TEST(Escaped, KnowsC1ByItsUtf8FormAlone) {
  EXPECT_EQ(escaped("\u0080 \u009b31m \u009f"), "\\xc2\\x80 \\xc2\\x9b31m \\xc2\\x9f");
  EXPECT_EQ(escaped("\u00a0\u00c2\u3080"), "\u00a0\u00c2\u3080");
  EXPECT_EQ(escaped("\xc2"), "\xc2");
}

TEST(Escaped, KeepsLineBreaksAndTabsWhereTheyAreWanted) {
  EXPECT_EQ(escaped("one\n\ttwo\r\x1b", Unescaped::kPrintableOrSpace), "one\n\ttwo\\x0d\\x1b");
}

TEST(Escaped, LeavesAsciiAloneWhereThatIsWanted) {
  EXPECT_EQ(escaped("a\u00e9~\n", Unescaped::kAscii), "a\\xc3\\xa9~\\x0a");
}

}  // namespace
}  // namespace hearth
