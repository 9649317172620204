#include "engine/sampling/dry.h"

#include <gtest/gtest.h>

#include "engine/sampling/sampling_testing.h"

namespace hearth {
namespace {

/// Options of llama.cpp's own tests of DRY, and no breakers.
GenerationOptions dry(float multiplier, int32_t allowed_length) {
  GenerationOptions options;
  options.dry_multiplier = multiplier;
  options.dry_base = 1.1F;
  options.dry_allowed_length = allowed_length;
  options.dry_sequence_breakers = {};
  return options;
}

/// Each token is a letter, from "a" on.
std::string letter_of(TokenId token) { return {static_cast<char>('a' + token)}; }

std::vector<TokenId> letters(const std::string& text) {
  std::vector<TokenId> tokens;
  for (const char letter : text) tokens.push_back(letter - 'a');
  return tokens;
}

testing::Distribution after_text(const std::string& text, size_t vocabulary,
                                 const GenerationOptions& options) {
  return testing::after(std::vector<float>(vocabulary, 1.0F), [&](Candidates& left) {
    penalise_repetition(left, options, letters(text), letter_of);
  });
}

TEST(Dry, PenalisesWhatGoesOnWithARepetition) {
  testing::expect_near(after_text("abcab", 4, dry(1, 2)),
                       {{0, 0.296923}, {1, 0.296923}, {2, 0.109232}, {3, 0.296923}});
  testing::expect_near(after_text("abcab", 5, dry(2, 2)),
                       {{0, 0.241818}, {1, 0.241818}, {2, 0.032727}, {3, 0.241818}, {4, 0.241818}});
}

TEST(Dry, LeavesTextsAloneThatRepeatNothingOrTooLittle) {
  for (const float probability : {0.25F}) {
    for (const auto& [token, actual] : after_text("ab", 4, dry(1, 2)))
      EXPECT_EQ(actual, probability) << token;
    for (const auto& [token, actual] : after_text("", 4, dry(1, 2))) EXPECT_EQ(actual, probability) << token;
    for (const auto& [token, actual] : after_text("abcab", 4, dry(1, 3)))
      EXPECT_EQ(actual, probability) << token;
  }
}

TEST(Dry, GrowsWithTheLengthOfTheLongestRepetition) {
  GenerationOptions options = dry(1, 1);
  options.dry_base = 2.0F;
  // "abc" came before "d", and "bc" before "e".
  std::vector<float> logits(6, 0.0F);
  Candidates left;
  left.start(logits);
  penalise_repetition(left, options, letters("abcdbceabc"), letter_of);
  EXPECT_EQ(logits[3], -4.0F);
  EXPECT_EQ(logits[4], -2.0F);
  EXPECT_EQ(logits[0], 0.0F);
}

TEST(Dry, DoesNotReachBackBeyondABreakerOrPenaliseOne) {
  GenerationOptions options = dry(1, 2);
  options.dry_sequence_breakers = {"d"};
  for (const auto& [token, probability] : after_text("abdeab", 5, options)) {
    EXPECT_NEAR(probability, 0.2, 1e-6) << token;  // d, which would go on, is a breaker itself
  }
  // Only "b" has come since the last breaker, which is too short.
  for (const auto& [token, probability] : after_text("adbcadb", 5, options)) {
    EXPECT_NEAR(probability, 0.2, 1e-6) << token;
  }
  EXPECT_LT(after_text("abcdab", 5, options).at(2), 0.1);
}

TEST(Dry, KnowsBreakersOfSeveralTokens) {
  GenerationOptions options = dry(1, 2);
  EXPECT_LT(after_text("abcdabc", 5, options).at(3), 0.1);
  options.dry_sequence_breakers = {"ab"};  // one token, c, has come since
  EXPECT_NEAR(after_text("abcdabc", 5, options).at(3), 0.2, 1e-6);
  options.dry_sequence_breakers = {"xa"};  // which is not there: an a alone is none
  EXPECT_LT(after_text("abcdabc", 5, options).at(3), 0.1);
}

TEST(Dry, LooksBackAsFarAsItsWindow) {
  GenerationOptions options = dry(1, 2);
  options.dry_penalty_window = 4;
  EXPECT_NEAR(after_text("abcab", 4, options).at(2), 0.25, 1e-6);
  options.dry_penalty_window = 5;
  EXPECT_LT(after_text("abcab", 4, options).at(2), 0.2);
}

TEST(Dry, AgreesWithItsDefinitionOnRandomTexts) {
  RandomStream random(9);
  for (int text = 0; text < 200; ++text) {
    std::vector<TokenId> tokens(40);
    for (TokenId& token : tokens) token = static_cast<TokenId>(random.next() % 3);
    std::vector<size_t> longest(3);
    for (size_t next = 1; next < tokens.size(); ++next) {
      size_t length = 0;
      while (length < next && tokens[next - 1 - length] == tokens[tokens.size() - 1 - length]) ++length;
      size_t& known = longest[static_cast<size_t>(tokens[next])];
      known = std::max(known, length);
    }
    std::vector<float> logits(3, 0.0F);
    Candidates left;
    left.start(logits);
    penalise_repetition(left, dry(1, 2), tokens, letter_of);
    for (size_t token = 0; token < 3; ++token) {
      const double expected =
          longest[token] < 2 ? 0.0 : -std::pow(1.1, static_cast<double>(longest[token] - 2));
      EXPECT_NEAR(logits[token], expected, 1e-4);
    }
  }
}

TEST(Dry, OfAVeryLongRepetitionStaysFinite) {
  GenerationOptions options = dry(100, 1);
  options.dry_base = 100.0F;
  std::vector<float> logits(2, 0.0F);
  Candidates left;
  left.start(logits);
  penalise_repetition(left, options, std::vector<TokenId>(2000), letter_of);
  EXPECT_TRUE(std::isfinite(logits[0]));
  EXPECT_LT(logits[0], -1e30F);
}

}  // namespace
}  // namespace hearth
