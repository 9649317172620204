#include "engine/grammar/json_schema/arguments_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/grammar/json_schema.h"
#include "engine/grammar/text_match.h"

namespace hearth {
namespace {

using ::testing::HasSubstr;
using Syntax = ArgumentNotation::Syntax;

/// A city that is a string, days that are a number from 1 to 9, and what else there may be.
constexpr std::string_view kWeather = R"({
  "type": "object",
  "properties": {"city": {"type": "string"},
                 "days": {"type": "integer", "minimum": 1, "maximum": 9},
                 "units": {"enum": ["metric", "imperial"]},
                 "place": {"type": "object", "properties": {"near": {"type": ["string", "null"]}}},
                 "sure": {"type": "boolean"},
                 "note": {}},
  "required": ["city"],
  "additionalProperties": false})";

const ArgumentNotation& python() {
  static const ArgumentNotation kNotation = {.syntax = Syntax::kPython};
  return kNotation;
}

const ArgumentNotation& lines() {
  static const ArgumentNotation kNotation = {
      .syntax = Syntax::kTagged, .parameter = "<parameter=$key>\n$value\n</parameter>", .end = "</function>"};
  return kNotation;
}

TextVerdict verdict(const ArgumentNotation& notation, std::string_view text,
                    std::string_view schema = kWeather) {
  const Result<Grammar> grammar = read_arguments_schema(schema, notation);
  EXPECT_TRUE(grammar.ok()) << grammar.error().message;
  return grammar.ok() ? match_text(*grammar, text)->verdict : TextVerdict::kRejected;
}

bool allows(const ArgumentNotation& notation, std::string_view text, std::string_view schema = kWeather) {
  return verdict(notation, text, schema) == TextVerdict::kAccepted;
}

TEST(ArgumentsWriter, WritesKeywordsAndLiteralsOfPython) {
  for (const char* call :
       {"(city=\"Rome\")", "(city='Rome', days=3)", "(city='it\\'s \"x\"')", "(city=\"it's \\\"x\\\"\")",
        "(days=3, city=\"\\u00e9\\n\")", "(city='', sure=True, place={'near': None})",
        "(city=\"a\", units='metric', note={\"x\": [False, None]})"}) {
    EXPECT_TRUE(allows(python(), call)) << call;
  }
  for (const char* call :
       {"()", "(days=3)", "(city=Rome)", "(city=3)", "(city=\"a\", days=10)", "(town=\"a\")",
        "(city=\"a\", sure=true)", "(city=\"a\", units=\"other\")", "(city='a\")", "{\"city\": \"Rome\"}",
        "(city=\"a\", place={\"near\": 1})", "(city=str(1))"}) {
    EXPECT_FALSE(allows(python(), call)) << call;
  }
}

TEST(ArgumentsWriter, WritesATagForEachParameter) {
  const auto parameter = [](const std::string& key, const std::string& value) {
    return "<parameter=" + key + ">\n" + value + "\n</parameter>\n";
  };
  const std::string city = "\n" + parameter("city", "Rome,\n\"the\" <city> of 7 </hills>");
  EXPECT_TRUE(allows(lines(), city + "</function>"));
  EXPECT_TRUE(allows(lines(), city + parameter("days", "3") + "</function>"));
  EXPECT_TRUE(allows(lines(), city + parameter("units", "metric") + "</function>"));
  EXPECT_TRUE(allows(lines(), city + parameter("place", R"({"near": null})") + "</function>"));
  EXPECT_TRUE(allows(lines(), city + parameter("note", "as you like it") + "</function>"));
  EXPECT_TRUE(allows(lines(), city + parameter("sure", "true") + "</function>"));
  EXPECT_EQ(verdict(lines(), city), TextVerdict::kIncomplete);
  for (const std::string& wrong :
       {parameter("days", "12"), parameter("units", "\"metric\""), parameter("town", "Rome"),
        parameter("place", R"({"near": 1})"), parameter("sure", "True"), std::string("{}")}) {
    EXPECT_EQ(verdict(lines(), city + wrong), TextVerdict::kRejected) << wrong;
  }
  EXPECT_EQ(verdict(lines(), "</function>"), TextVerdict::kRejected);
}

TEST(ArgumentsWriter, LetsNoTextContainTheEndOfItsTag) {
  const std::string_view json = R"({"properties": {"list": {"type": "array", "items": {"type": "string"}}},
                                   "additionalProperties": false})";
  const std::string begun = "<parameter=list>\n[\"a</parameter>";
  EXPECT_EQ(verdict(lines(), begun, json), TextVerdict::kRejected);
  EXPECT_EQ(verdict(lines(), "<parameter=list>\n[\"a</param>\"]\n</parameter></function>", json),
            TextVerdict::kAccepted);
  EXPECT_EQ(verdict(lines(), "<parameter=city>\nRome</parameter>"), TextVerdict::kRejected)
      << "behind the value, its line ends";
}

TEST(ArgumentsWriter, WritesTagsThatSayWhatIsAString) {
  const ArgumentNotation typed = {.syntax = Syntax::kTagged,
                                  .parameter = "<p name=\"$key\" string=\"$string\">$value</p>",
                                  .end = "</call>"};
  EXPECT_TRUE(allows(typed, "<p name=\"city\" string=\"true\">Rome</p></call>"));
  EXPECT_TRUE(allows(typed, "<p name=\"city\" string=\"false\">\"Rome\"</p></call>"));
  EXPECT_FALSE(allows(typed, "<p name=\"city\" string=\"false\">Rome</p></call>"));
  const std::string city = "<p name=\"city\" string=\"true\">Rome</p>";
  EXPECT_TRUE(allows(typed, city + "<p name=\"days\" string=\"false\">3</p></call>"));
  EXPECT_FALSE(allows(typed, city + "<p name=\"days\" string=\"true\">3</p></call>"));
}

TEST(ArgumentsWriter, WritesObjectsWhoseKeysHaveNoQuotes) {
  const ArgumentNotation bare = {.syntax = Syntax::kBareKeys, .quote = "<|\"|>"};
  EXPECT_TRUE(allows(bare, R"({city:<|"|>Rome "7"<|"|>,days:3,place:{near:null}})"));
  EXPECT_FALSE(allows(bare, R"({city:"Rome"})"));
  EXPECT_FALSE(allows(bare, R"({"city":<|"|>Rome<|"|>})"));
  EXPECT_FALSE(allows(bare, R"({city:<|"|>a<|"|>,town:1})"));
  EXPECT_TRUE(allows(bare, R"({a_b:1,<|"|>a b<|"|>:2})", R"({"properties": {"a b": {}}})"));
}

TEST(ArgumentsWriter, NamesWhatTheNotationCannotWrite) {
  const Result<Grammar> grammar =
      read_arguments_schema(R"({"properties": {"a b": {}}, "required": ["a b"]})", python());
  ASSERT_FALSE(grammar.ok());
  EXPECT_EQ(grammar.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(grammar.error().message, HasSubstr("\"a b\""));
  EXPECT_TRUE(allows(python(), "()", R"({"properties": {"a b": {}}})"));
  EXPECT_FALSE(allows(python(), "(a b=1)", R"({"properties": {"a b": {}}})"));
}

}  // namespace
}  // namespace hearth
