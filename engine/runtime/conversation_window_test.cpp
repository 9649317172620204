#include "engine/runtime/conversation_window.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/runtime/test_model.h"

namespace hearth {
namespace {

using testing::expect_value;

void say(ChatInput& input, const char* role, const std::string& content) {
  input.messages.push_back({{"role", role}, {"content", content}});
}

/// This model has no template: a prompt is the messages' texts.
std::string text_of(const Model& model, const FittedPrompt& fitted) {
  return model.tokenizer().decode(fitted.tokens, false);
}

TEST(FitConversation, KeepsWhatFits) {
  HEARTH_REQUIRE_TESTDATA();
  const auto model = testing::load_stories();
  ChatInput input;
  for (int turn = 0; turn < 3; ++turn) {
    say(input, "user", "Tell me more");
    say(input, "assistant", "There was a dog");
  }
  const FittedPrompt fitted = expect_value(fit_conversation(model->chat(), input, 512));
  EXPECT_EQ(fitted.turns_left_out, 0);
  EXPECT_EQ(fitted.tokens, model->chat().encode(expect_value(model->chat().render(input))));
}

TEST(FitConversation, LeavesOutTheOldestTurnsWithAllThatBelongsToThem) {
  HEARTH_REQUIRE_TESTDATA();
  const auto model = testing::load_stories();
  ChatInput input;
  say(input, "system", "Be kind");
  for (int turn = 0; turn < 9; ++turn) {
    const std::string name = std::to_string(turn);
    say(input, "user", "asks" + name);
    say(input, "assistant", "calls" + name);
    say(input, "tool", "finds" + name);
    say(input, "assistant", "says" + name);
  }
  say(input, "user", "last");
  constexpr int32_t kContext = 160;
  const FittedPrompt fitted = expect_value(fit_conversation(model->chat(), input, kContext));
  EXPECT_LE(fitted.tokens.size(), kContext * 3 / 4);
  ASSERT_GT(fitted.turns_left_out, 0);
  ASSERT_LT(fitted.turns_left_out, 9);
  const std::string first = std::to_string(fitted.turns_left_out);
  EXPECT_TRUE(text_of(*model, fitted).starts_with("Be kind\n\nasks" + first + "\n\ncalls" + first));
  EXPECT_TRUE(text_of(*model, fitted).ends_with("last"));

  // One turn more would not have fitted.
  const auto oldest = input.messages.begin() + 1 + 4 * (fitted.turns_left_out - 1);
  input.messages.erase(input.messages.begin() + 1, oldest);
  EXPECT_GT(model->chat().encode(expect_value(model->chat().render(input))).size(), kContext * 3 / 4);
}

TEST(FitConversation, KeepsTheLastTurnHoweverLong) {
  HEARTH_REQUIRE_TESTDATA();
  const auto model = testing::load_stories();
  ChatInput input;
  say(input, "user", "first");
  say(input, "assistant", "answer");
  std::string question;
  for (int word = 0; word < 100; ++word) question += "word ";
  say(input, "user", question);
  const FittedPrompt fitted = expect_value(fit_conversation(model->chat(), input, 64));
  EXPECT_EQ(fitted.turns_left_out, 1);
  EXPECT_GT(fitted.tokens.size(), 64U);
}

}  // namespace
}  // namespace hearth
