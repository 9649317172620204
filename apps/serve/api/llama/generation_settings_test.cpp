#include "apps/serve/api/llama/generation_settings.h"

#include <gtest/gtest.h>

namespace hearth::serve::llama {
namespace {

using nlohmann::ordered_json;

TEST(GenerationSettings, AreThoseThatCountByTheirNamesInLlamaServer) {
  const ordered_json options = {{"maxTokens", 8}, {"repetitionPenalty", 1.5}, {"stop", {"a"}}};
  const ordered_json settings = generation_settings(options, 42);
  EXPECT_EQ(settings["n_predict"], 8);
  EXPECT_EQ(settings["seed"], 42);
  EXPECT_EQ(settings["repeat_penalty"], 1.5);
  EXPECT_EQ(settings["stop"], ordered_json::array({"a"}));
  EXPECT_EQ(settings["top_k"].dump(), "40");
  EXPECT_EQ(settings["temperature"].dump(), "0.8");
}

TEST(GenerationSettings, OfNothingAreTheDefaults) {
  const ordered_json settings = generation_settings(ordered_json::object(), std::nullopt);
  EXPECT_EQ(settings["n_predict"], -1);
  EXPECT_EQ(settings["seed"], 0xFFFFFFFF);
  EXPECT_EQ(settings["dry_sequence_breakers"].size(), 4U);
}

}  // namespace
}  // namespace hearth::serve::llama
