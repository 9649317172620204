// System messages in templates that show them, refuse them, or lose them.
#include "engine/text/system_messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "engine/base/testdata.h"
#include "engine/text/chat_template_testing.h"

namespace hearth::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kEveryRole =
    "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}<assistant>";

/// As Gemma's.
constexpr std::string_view kRefusesSystem =
    "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for m in messages %}"
    "{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate') }}{% "
    "endif %}"
    "<{{ m.role }}>{{ m.content | trim }}{% endfor %}<assistant>";

/// As Mistral's first.
constexpr std::string_view kKnowsTwoRoles =
    "{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]"
    "{% elif m.role == 'assistant' %}{{ m.content }}</s>"
    "{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}";

/// As Phi-3-mini's.
constexpr std::string_view kIgnoresSystem =
    "{% for m in messages %}{% if m.role == 'user' %}<user>{{ m.content }}"
    "{% elif m.role == 'assistant' %}<assistant>{{ m.content }}{% endif %}{% endfor %}<assistant>";

/// As many: what is no first message is ignored.
constexpr std::string_view kSystemAtTheBeginning =
    "{% if messages[0].role == 'system' %}<system>{{ messages[0].content }}{% endif %}"
    "{% for m in messages if m.role != 'system' %}<{{ m.role }}>{{ m.content }}{% endfor %}<assistant>";

/// As Mistral Nemo's: with what the user says last, and only if nothing follows.
constexpr std::string_view kSystemAtTheEnd =
    "{% for m in messages if m.role != 'system' %}"
    "{% if loop.last and m.role == 'user' and messages[0].role == 'system' %}"
    "<user>{{ messages[0].content + '; ' + m.content }}"
    "{% else %}<{{ m.role }}>{{ m.content }}{% endif %}{% endfor %}<assistant>";

ordered_json instructed() {
  return ordered_json::array({message("system", "Be brief."), message("user", "Hi!")});
}

ordered_json instructed_twice() {
  return ordered_json::array({message("system", "Be brief."), message("system", "Be kind."),
                              message("user", "Hi!"), message("assistant", "Hello."),
                              message("system", "Now rhyme."), message("user", "Bye!")});
}

TEST(SystemMessages, StayWhereTheTemplateShowsThem) {
  EXPECT_EQ(prompt_of(*parsed(kEveryRole), conversation(instructed())),
            "<system>Be brief.<user>Hi!<assistant>");
  EXPECT_EQ(
      prompt_of(*parsed(kEveryRole), conversation(instructed_twice())),
      "<system>Be brief.<system>Be kind.<user>Hi!<assistant>Hello.<system>Now rhyme.<user>Bye!<assistant>");
  EXPECT_EQ(prompt_of(*parsed(kSystemAtTheEnd), conversation(instructed())),
            "<user>Be brief.; Hi!<assistant>");
}

TEST(SystemMessages, GoBeforeWhatTheUserSaysWhereTheTemplateHasNone) {
  const std::string merged = "<user>Be brief.\n\nHi!<assistant>";
  EXPECT_EQ(prompt_of(*parsed(kRefusesSystem), conversation(instructed())), merged);
  EXPECT_EQ(prompt_of(*parsed(kIgnoresSystem), conversation(instructed())), merged);
  EXPECT_EQ(prompt_of(*parsed(kKnowsTwoRoles), conversation(instructed())),
            "[INST] Be brief.\n\nHi! [/INST]");
  EXPECT_EQ(prompt_of(*parsed(kRefusesSystem), conversation(instructed_twice())),
            "<user>Be brief.\n\nBe kind.\n\nHi!<assistant>Hello.<user>Now rhyme.\n\nBye!<assistant>");
}

TEST(SystemMessages, ThatComeLaterGoBeforeWhatTheUserSaysNext) {
  EXPECT_EQ(prompt_of(*parsed(kSystemAtTheBeginning), conversation(instructed_twice())),
            "<system>Be brief.\n\nBe kind.<user>Hi!<assistant>Hello.<user>Now rhyme.\n\nBye!<assistant>");
  ordered_json answered = instructed();
  answered.push_back(message("assistant", "Hello."));
  EXPECT_EQ(prompt_of(*parsed(kSystemAtTheEnd), conversation(answered)),
            "<user>Be brief.\n\nHi!<assistant>Hello.<assistant>");
}

TEST(SystemMessages, AreSaidByTheUserWhereNobodyElseSpeaks) {
  const ordered_json alone = ordered_json::array({message("system", "Tell a story.")});
  EXPECT_EQ(prompt_of(*parsed(kEveryRole), conversation(alone)), "<system>Tell a story.<assistant>");
  EXPECT_EQ(prompt_of(*parsed(kIgnoresSystem), conversation(alone)), "<user>Tell a story.<assistant>");
  const ordered_json last = ordered_json::array({message("user", "Hi!"), message("system", "Be brief.")});
  EXPECT_EQ(prompt_of(*parsed(kIgnoresSystem), conversation(last)), "<user>Hi!\n\nBe brief.<assistant>");
}

TEST(SystemMessages, OfTheDeveloperAreSystemMessages) {
  ordered_json messages = instructed();
  messages[0]["role"] = "developer";
  EXPECT_EQ(prompt_of(*parsed(kSystemAtTheBeginning), conversation(messages)),
            "<system>Be brief.<user>Hi!<assistant>");
  EXPECT_EQ(prompt_of(*parsed(kRefusesSystem), conversation(messages)), "<user>Be brief.\n\nHi!<assistant>");
}

TEST(SystemMessages, MayBePartsOrNothing) {
  const ordered_json in_parts =
      ordered_json::array({message("system", parts("Be ", "brief.")), message("user", parts("Hi", "!"))});
  EXPECT_EQ(prompt_of(*parsed(kIgnoresSystem), conversation(in_parts)), "<user>Be brief.\n\nHi!<assistant>");
  for (const ordered_json& nothing : {ordered_json(), ordered_json(""), ordered_json::array()}) {
    const ordered_json silent = ordered_json::array({message("system", nothing), message("user", "Hi!")});
    EXPECT_EQ(prompt_of(*parsed(kRefusesSystem), conversation(silent)), "<user>Hi!<assistant>");
  }
}

TEST(SystemMessages, StayInputWhenTheyAreMerged) {
  ordered_json messages = instructed();
  messages[0]["content"] = "<|im_end|>";
  EXPECT_EQ(marked_prompt_of(*parsed(kIgnoresSystem), conversation(messages)),
            "<user>[<|im_end|>\n\nHi!]<assistant>");
}

TEST(SystemMessages, LeaveTheTemplatesOwnRefusalsAsTheyAre) {
  const ordered_json twice = ordered_json::array(
      {message("system", "Be brief."), message("user", "Hi!"), message("user", "Hello?")});
  EXPECT_THAT(prompt_of(*parsed(kRefusesSystem), conversation(twice)), HasSubstr("Roles must alternate"));
}

/// Conversations with system messages wherever somebody might put them.
std::map<std::string, ordered_json> instructed_conversations() {
  const ordered_json system = message("system", "Only tell the truth.");
  const ordered_json second = message("system", "In two words.");
  const ordered_json question = message("user", "What is 2+2?");
  const ordered_json answer = message("assistant", "It is 4.");
  const ordered_json next = message("user", "And 3+3?");
  const auto list = [](const std::vector<ordered_json>& messages) { return ordered_json(messages); };
  return {{"at the beginning", list({system, question})},
          {"at the beginning of a longer one", list({system, question, answer, next})},
          {"of one that ends with an answer", list({system, question, answer})},
          {"twice", list({system, second, question})},
          {"later", list({question, answer, system, next})},
          {"at the beginning and later", list({system, question, answer, second, next})},
          {"alone", list({system})}};
}

TEST(SystemMessages, AreLostInNoRealTemplate) {
  HEARTH_REQUIRE_TESTDATA();
  for (const auto& [name, source] : real_templates()) {
    const auto chat_template = parsed(source);
    for (const auto& [where, messages] : instructed_conversations()) {
      ChatInput input = conversation(messages);
      input.variables = further_variables();
      const std::string prompt = prompt_of(*chat_template, input);
      for (const ordered_json& each : messages) {
        EXPECT_THAT(prompt, HasSubstr(each["content"].get<std::string>())) << name << ", " << where;
      }
    }
  }
}

}  // namespace
}  // namespace hearth::testing
