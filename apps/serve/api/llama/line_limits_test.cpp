#include "apps/serve/api/llama/line_limits.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace hearth::serve::llama {
namespace {

/// What is told of an answer that comes in these pieces.
std::string told(LineLimits limits, std::initializer_list<std::string> pieces, double decode_ms = 0) {
  std::string text;
  for (const std::string& piece : pieces) {
    AnswerPart part;
    part.text = piece;
    part.figures.decode_ms = decode_ms;
    const bool ends = limits.end_with(part);
    text += part.text;
    if (ends) break;
  }
  return text;
}

TEST(LineLimits, EndAnAnswerBeforeALineThatBeginsTooFarToTheLeft) {
  EXPECT_EQ(told({4, 0}, {"a\n    b\n  c\n    d"}), "a\n    b\n  ");
  EXPECT_EQ(told({4, 0}, {"a\n", "  ", "  b", "\n", " ", "c", "d"}), "a\n    b\n ");
  EXPECT_EQ(told({1, 0}, {"a\n\tb\nc"}), "a\n\tb\n");
  EXPECT_EQ(told({4, 0}, {"a\n\n\n    b"}), "a\n\n\n    b") << "an empty line has no beginning";
  EXPECT_EQ(told({0, 0}, {"a\nb"}), "a\nb");
}

TEST(LineLimits, EndAnAnswerOfSeveralLinesAfterTheTime) {
  EXPECT_EQ(told({0, 100}, {"a", "b\n", "c"}, 101), "ab\n");
  EXPECT_EQ(told({0, 100}, {"a", "b\n", "c"}, 99), "ab\nc");
  EXPECT_EQ(told({0, 0}, {"a\n", "b"}, 1e9), "a\nb");
}

}  // namespace
}  // namespace hearth::serve::llama
