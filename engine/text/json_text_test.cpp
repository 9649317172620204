#include "engine/text/json_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
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

TEST(ParseJson, GivesTheLastOfMembersWithTheSameName) {
  const auto json = parse_json(R"({"a": {"b": 1}, "c": [[], 2], "a": 3})", "file");
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(json->dump(), R"({"a":3,"c":[[],2]})");
}

TEST(ParseJson, ReadsObjectsOfManyMembersInTimeInProportionToThem) {
  std::string text = "{";
  for (int i = 0; i < 100000; ++i) text += "\"" + std::to_string(i) + "\":0,";
  const std::clock_t start = std::clock();
  const auto json = parse_json(text + "\"0\":1}", "file");
  EXPECT_LT(std::clock() - start, 5 * CLOCKS_PER_SEC);
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(json->size(), 100000U);
  EXPECT_EQ(json->front(), 1);
}

TEST(ParseJson, KeepsIntegersBeyond64Bits) {
  const auto json =
      parse_json("[18446744073709551615, 18446744073709551616, -9223372036854775809, 1e22]", "file");
  ASSERT_TRUE(json.ok());
  EXPECT_EQ((*json)[0], 18446744073709551615U);
  EXPECT_EQ(large_integer((*json)[0]), "");
  EXPECT_EQ(large_integer((*json)[1]), "18446744073709551616");
  EXPECT_EQ(large_integer((*json)[2]), "-9223372036854775809");
  EXPECT_EQ(json_type((*json)[2]), "number");
  EXPECT_EQ((*json)[3], 1e22);
  EXPECT_TRUE(parse_json(std::string(308, '9'), "file").ok());
  EXPECT_FALSE(parse_json(std::string(309, '9'), "file").ok());
}

TEST(ParseJson, SaysWhereTextIsNoJson) {
  for (const auto& [text, where] :
       {std::pair{"{\n\"a\": tru}", "line 2, column 9"}, std::pair{"", "line 1, column 1"},
        std::pair{"[1, 2", "line 1, column 6"}, std::pair{"[1] 2", "line 1, column 5"},
        std::pair{"\"\xFF\"", "line 1, column 2"}, std::pair{"[1e999]", "overflow"},
        std::pair{"tru\u00e9", "'tru\uFFFD'"}}) {
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

TEST(WriteJson, WritesWhatParseJsonReads) {
  for (const std::string text : {R"({"b":[1,2.5,null,true],"a\"":"\\\né","c":{},"d":[]})",
                                 "[12345678901234567890123,{\"i\":-12345678901234567890123}]", "7", "\"\""}) {
    const auto json = parse_json(text, "file");
    ASSERT_TRUE(json.ok()) << text;
    EXPECT_EQ(write_json(*json), text);
  }
  EXPECT_EQ(write_json({{"\xFF", "\xFF"}}), "{\"\uFFFD\":\"\uFFFD\"}");
}

TEST(WriteJson, IndentsAsTheLibraryDoes) {
  const auto json = parse_json(R"({"b":[1,{"c":[]},[2]],"d":{},"e":{"f":null}})", "file");
  EXPECT_EQ(write_json(*json, 2), json->dump(2));
  EXPECT_EQ(write_json({{"a", json_integer("12345678901234567890123")}}, 2),
            "{\n  \"a\": 12345678901234567890123\n}");
}

}  // namespace
}  // namespace hearth
