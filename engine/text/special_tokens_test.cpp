#include "engine/text/special_tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hearth {
namespace {

using ::testing::ElementsAre;

class SpecialTokens : public ::testing::Test {
 protected:
  SpecialTokens() {
    end_ = vocabulary_.add("<end>", TokenType::kControl);
    ending_ = vocabulary_.add("<end>ing", TokenType::kControl);
    tag_ = vocabulary_.add("<tag>", TokenType::kUserDefined);
    vocabulary_.add("word", TokenType::kNormal);
  }

  /// The fragments of `pieces`: a text as it is, a token as its id.
  std::vector<std::string> split(const std::vector<TextPiece>& pieces,
                                 std::vector<WhiteSpaceRule> rules = {}) const {
    std::string text;
    for (const TextPiece& piece : pieces) text += piece.text;
    std::vector<std::string> out;
    for (const Fragment& fragment : SpecialTokenMatcher(vocabulary_, std::move(rules)).split(text, pieces)) {
      out.push_back(fragment.token == kNoToken ? std::string(fragment.text)
                                               : "#" + std::to_string(fragment.token));
    }
    return out;
  }

  Vocabulary vocabulary_;
  TokenId end_;
  TokenId ending_;
  TokenId tag_;
};

TEST_F(SpecialTokens, AreRecognisedInTemplateText) {
  EXPECT_THAT(split({{"a word<end> b", true}}), ElementsAre("a word", "#0", " b"));
  EXPECT_THAT(split({{"<end><end>", true}}), ElementsAre("#0", "#0"));
  EXPECT_THAT(split({{"", true}}), ElementsAre());
}

TEST_F(SpecialTokens, TheLongestCounts) {
  EXPECT_THAT(split({{"<end>ing<end>in", true}}), ElementsAre("#1", "#0", "in"));
}

TEST_F(SpecialTokens, UserTextIsLetters) {
  EXPECT_THAT(split({{"a<end>b", false}}), ElementsAre("a<end>b"));
  EXPECT_THAT(split({{"<end>", true}, {"x<end>", false}, {"<end>", true}}),
              ElementsAre("#0", "x<end>", "#0"));
}

TEST_F(SpecialTokens, AUserCannotCompleteWhatATemplateBegins) {
  EXPECT_THAT(split({{"<en", true}, {"d>", false}}), ElementsAre("<end>"));
  EXPECT_THAT(split({{"<en", false}, {"d>", true}}), ElementsAre("<end>"));
  EXPECT_THAT(split({{"<en", true}, {"d>", true}}), ElementsAre("<end>"));
  // Nor turn a template's token into a longer one.
  EXPECT_THAT(split({{"<end>", true}, {"ing", false}}), ElementsAre("#0", "ing"));
}

TEST_F(SpecialTokens, UserDefinedTokensAreTextAnywhere) {
  EXPECT_THAT(split({{"a<tag>b", false}}), ElementsAre("a", "#2", "b"));
  EXPECT_THAT(split({{"a<t", true}, {"ag>b", false}}), ElementsAre("a", "#2", "b"));
}

TEST_F(SpecialTokens, MayTakeTheWhiteSpaceBesideThem) {
  std::vector<WhiteSpaceRule> rules(4);
  rules[end_].strip_after = true;
  rules[tag_].strip_before = true;
  EXPECT_THAT(split({{"a <end> \n b <tag> c", true}}, rules), ElementsAre("a ", "#0", "b", "#2", " c"));
  EXPECT_THAT(split({{" <tag><end> \n", true}}, rules), ElementsAre("#2", "#0"));
  EXPECT_THAT(split({{"<end> ", true}, {" user", false}}, rules), ElementsAre("#0", "user"));
}

}  // namespace
}  // namespace hearth
