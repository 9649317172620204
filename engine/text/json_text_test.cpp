#include "engine/text/json_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace hearth {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(ParseJson, ReadsWhatIsJsonAndKeepsTheOrderOfMembers) {
  const auto json = parse_json("\xEF\xBB\xBF{\"b\": [1, 2.5, null], \"a\": \"\\u00e9\"}\n", "file");
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(json->dump(), "{\"b\":[1,2.5,null],\"a\":\"\u00e9\"}");
}

TEST(ParseJson, SaysWhereTextIsNoJson) {
  for (const auto& [text, where] :
       {std::pair{"{\n\"a\": tru}", "line 2, column 9"}, std::pair{"", "line 1, column 1"},
        std::pair{"[1, 2", "line 1, column 6"}, std::pair{"[1] 2", "line 1, column 5"},
        std::pair{"\"\xFF\"", "line 1, column 2"}, std::pair{"[1e999]", "overflow"}}) {
    const auto json = parse_json(text, "chat.json");
    ASSERT_FALSE(json.ok()) << text;
    EXPECT_EQ(json.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(json.error().message, StartsWith("chat.json: cannot be read as JSON: "));
    EXPECT_THAT(json.error().message, HasSubstr(where)) << text;
  }
}

TEST(ParseJson, RefusesWhatIsNestedTooDeeply) {
  const auto nested = [](size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(parse_json(nested(200), "file").ok());
  const auto too_deep = parse_json(nested(201), "file");
  ASSERT_FALSE(too_deep.ok());
  EXPECT_THAT(too_deep.error().message, HasSubstr("nested more than 200 deep"));
  EXPECT_FALSE(parse_json(std::string(1 << 20, '['), "file").ok());
}

}  // namespace
}  // namespace hearth
