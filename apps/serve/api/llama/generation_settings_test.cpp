#include "apps/serve/api/llama/generation_settings.h"

#include <gtest/gtest.h>

namespace hearth::serve::llama {
namespace {

using nlohmann::ordered_json;

const ordered_json kTokens = {{"bos", 1}, {"eos", 2}, {"eot", 7}};

TEST(GenerationSettings, AreThoseThatCountByTheirNamesInLlamaServer) {
  const ordered_json options = {{"maxTokens", 8}, {"repetitionPenalty", 1.5}, {"stop", {"a"}}};
  const ordered_json settings = generation_settings(options, kTokens, 42);
  EXPECT_EQ(settings["n_predict"], 8);
  EXPECT_EQ(settings["seed"], 42);
  EXPECT_EQ(settings["repeat_penalty"], 1.5);
  EXPECT_EQ(settings["stop"], ordered_json::array({"a"}));
  EXPECT_EQ(settings["top_k"].dump(), "40");
  EXPECT_EQ(settings["temperature"].dump(), "0.8");
}

TEST(GenerationSettings, OfNothingAreTheDefaults) {
  const ordered_json settings = generation_settings(ordered_json::object(), kTokens, std::nullopt);
  EXPECT_EQ(settings["n_predict"], -1);
  EXPECT_EQ(settings["seed"], 0xFFFFFFFF);
  EXPECT_EQ(settings["dry_sequence_breakers"].size(), 4U);
}

TEST(GenerationSettings, NameSamplersAsLlamaServerDoes) {
  const ordered_json options = {{"samplers", {"topK", "typicalP", "temperature"}}};
  EXPECT_EQ(generation_settings(options, kTokens, 1)["samplers"],
            ordered_json::array({"top_k", "typ_p", "temperature"}));
}

TEST(GenerationSettings, ListBiasesAndTheEndsThatAreIgnored) {
  const ordered_json options = {{"logitBias", {{"5", -1.5}, {"6", nullptr}}}, {"ignoreEnd", true}};
  const ordered_json expected = ordered_json::parse(
      R"([{"bias": -1.5, "token": 5}, {"bias": null, "token": 6}, {"bias": null, "token": 2}, {"bias": null, "token": 7}])");
  EXPECT_EQ(generation_settings(options, kTokens, 1)["logit_bias"], expected);
  EXPECT_TRUE(generation_settings(ordered_json::object(), kTokens, 1)["logit_bias"].empty());
}

}  // namespace
}  // namespace hearth::serve::llama
