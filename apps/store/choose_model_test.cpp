#include "apps/store/choose_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "apps/store/model_type.h"

namespace hearth::store {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::vector<ListedModel> files_of(const json& test) {
  const std::vector<std::string> here = test.value("here", std::vector<std::string>());
  std::vector<ListedModel> files;
  for (const json& file : test["files"]) {
    const std::string path = file[0];
    const bool is_here = std::find(here.begin(), here.end(), path) != here.end();
    files.push_back(
        {path, file[1].is_null() ? std::nullopt : std::optional(file[1].get<uint64_t>()), is_here});
  }
  return files;
}

Room room_of(const json& test) {
  Room room;
  const json given = test.value("room", json::object());
  if (given.contains("memory")) room.memory = given["memory"].get<uint64_t>();
  if (given.contains("storage")) room.storage = given["storage"].get<uint64_t>();
  return room;
}

TEST(ChooseModel, DoesInEveryCaseWhatTypeScriptDoes) {
  std::ifstream file("packages/core/src/sources/choose_model_cases.json");
  ASSERT_TRUE(file.good()) << "run the tests in the project's root";
  const json cases = json::parse(file)["cases"];
  ASSERT_GT(cases.size(), 20U);
  for (const json& test : cases) {
    SCOPED_TRACE(test["name"]);
    const auto choice = choose_model("hf:owner/model", test.value("type", ""), files_of(test), room_of(test));
    if (test.contains("error")) {
      ASSERT_FALSE(choice.ok());
      EXPECT_EQ(error_code_name(choice.error().code), test["error"].get<std::string>());
      for (const json& text : test["says"]) {
        EXPECT_THAT(choice.error().message, HasSubstr(text.get<std::string>()));
      }
      continue;
    }
    ASSERT_TRUE(choice.ok()) << choice.error().message;
    EXPECT_EQ(choice->path, test["path"].get<std::string>());
    if (test.contains("message")) {
      EXPECT_EQ(choice->message, test["message"].get<std::string>());
    }
  }
}

TEST(ChooseModel, KnowsTheMemoryOfTheMachine) {
  const Room room = room_here();
  ASSERT_TRUE(room.memory);
  EXPECT_GT(*room.memory, uint64_t{64} << 20);
}

TEST(ModelType, ReadsWhatNamesSay) {
  EXPECT_EQ(type_of_path("m-Q4_K_M.gguf"), "Q4_K_M");
  EXPECT_EQ(type_of_path("m.iq3_xxs.gguf"), "IQ3_XXS");
  EXPECT_EQ(type_of_path("UD-IQ1_S/m-UD-IQ1_S-00001-of-00002.gguf"), "UD-IQ1_S");
  EXPECT_EQ(type_of_path("BF16/m-00001-of-00002.gguf"), "BF16");
  EXPECT_EQ(type_of_path("q9-Q4__K-iq-mxfp.gguf"), "");
  EXPECT_EQ(type_of_path(""), "");
  EXPECT_EQ(bits_of_type("UD-Q4_K_XL"), 4);
  EXPECT_EQ(bits_of_type("FP16"), 16);
  EXPECT_EQ(bits_of_type(""), 0);
}

}  // namespace
}  // namespace hearth::store
