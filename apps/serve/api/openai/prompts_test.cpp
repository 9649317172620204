#include "apps/serve/api/openai/prompts.h"

#include <gtest/gtest.h>

#include "apps/serve/api/refusal_testing.h"

namespace hearth::serve::openai {
namespace {

using nlohmann::ordered_json;

Prompts prompts_of(const char* text) {
  const ordered_json body = {{"prompt", ordered_json::parse(text)}};
  return read_prompts(Members(body), "prompt");
}

std::string param_of_prompt(const char* text) {
  return refusal_of_reading([&] { prompts_of(text); }).param;
}

TEST(Prompts, AreTextsTokensOrAMix) {
  EXPECT_EQ(text_of(prompts_of(R"("a")").all[0]), "a");
  EXPECT_EQ(text_of(prompts_of(R"({"prompt_string": "a"})").all[0]), "a");
  EXPECT_EQ(
      text_of(prompts_of(R"({"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]})")
                  .all[0]),
      "ab");
  EXPECT_EQ(prompts_of("[1, 2]").all[0][0].tokens, (std::vector<int32_t>{1, 2}));
  const Prompts mixed = prompts_of(R"([1, 2, "a", 3])");
  EXPECT_FALSE(mixed.is_list);
  ASSERT_EQ(mixed.all[0].size(), 3U);
  EXPECT_EQ(mixed.all[0][1].text, "a");
  EXPECT_EQ(mixed.all[0][2].tokens, std::vector<int32_t>{3});
}

TEST(Prompts, MayBeAListOfThem) {
  const Prompts prompts = prompts_of(R"(["a", [1, "b"], {"prompt_string": "c"}])");
  EXPECT_TRUE(prompts.is_list);
  ASSERT_EQ(prompts.all.size(), 3U);
  EXPECT_EQ(prompts.all[1].size(), 2U);
  EXPECT_TRUE(prompts_of(R"(["a"])").is_list);
}

TEST(Prompts, AreRefusedWhereTheyAreNone) {
  EXPECT_EQ(param_of_prompt("null"), "prompt");
  EXPECT_EQ(param_of_prompt("[]"), "prompt");
  EXPECT_EQ(param_of_prompt("true"), "prompt");
  EXPECT_EQ(param_of_prompt("[-1]"), "prompt");
  EXPECT_EQ(param_of_prompt("[4294967296]"), "prompt");
  EXPECT_EQ(param_of_prompt(R"(["a", []])"), "prompt[1]");
  EXPECT_EQ(param_of_prompt(R"({"content": "a"})"), "prompt");
  EXPECT_EQ(param_of_prompt(R"({"content": [{"type": "image_url"}]})"), "prompt.content");
  EXPECT_EQ(param_of_prompt(R"({"prompt_string": "a", "multimodal_data": ["b"]})"), "prompt.multimodal_data");
}

}  // namespace
}  // namespace hearth::serve::openai
