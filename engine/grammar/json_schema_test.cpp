#include "engine/grammar/json_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/grammar/text_match.h"

namespace hearth {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

bool allows(std::string_view schema, std::string_view json) {
  const Result<Grammar> grammar = read_json_schema(schema);
  EXPECT_TRUE(grammar.ok()) << schema << ": " << grammar.error().message;
  return grammar.ok() && match_text(*grammar, json)->verdict == TextVerdict::kAccepted;
}

std::string refusal_of(std::string_view schema, ErrorCode code) {
  const Result<Grammar> grammar = read_json_schema(schema);
  EXPECT_FALSE(grammar.ok()) << schema;
  if (grammar.ok()) return "";
  EXPECT_EQ(grammar.error().code, code) << grammar.error().message;
  return grammar.error().message;
}

TEST(JsonSchema, AllowsWhiteSpaceAsProgramsWriteIt) {
  EXPECT_TRUE(allows("{}", R"({"a":[1,{"b":null}]})"));
  EXPECT_TRUE(allows("{}", R"({"a": [1, {"b": null}]})"));
  EXPECT_TRUE(allows("{}", "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  ]\n}"));
  EXPECT_TRUE(allows("{}", "{ \"a\" : [] }"));
  EXPECT_FALSE(allows("{}", "{  \n\n\n  }"));
}

TEST(JsonSchema, AllowsNumbersByTheirValue) {
  EXPECT_TRUE(allows(R"({"const": 1})", "1.0"));
  EXPECT_TRUE(allows(R"({"const": -0.5})", "-0.5"));
  EXPECT_FALSE(allows(R"({"const": -0.5})", "-0.51"));
  EXPECT_TRUE(allows(R"({"type": "integer"})", "1.0"));
  EXPECT_TRUE(allows(R"({"type": "integer"})", "12e3"));
  EXPECT_FALSE(allows(R"({"type": "integer"})", "1.5"));
  EXPECT_FALSE(allows(R"({"$schema": "http://json-schema.org/draft-04/schema#", "type": "integer"})", "1.0"));
  EXPECT_TRUE(allows(R"({"type": "number"})", "-1.5e-10"));
  EXPECT_FALSE(allows(R"({"type": "number"})", "01"));
}

TEST(JsonSchema, KeepsBoundsOfNumbersExactly) {
  const std::string_view bounds = R"({"minimum": -1.25, "exclusiveMaximum": 100})";
  for (const std::string_view in : {"-1.25", "-1.249", "0", "-0", "99.99999999", "99", "7"}) {
    EXPECT_TRUE(allows(bounds, in)) << in;
  }
  for (const std::string_view out : {"-1.26", "-2", "100", "100.0", "1000", "99.99999999999999999"}) {
    EXPECT_FALSE(allows(bounds, out)) << out;
  }
  EXPECT_TRUE(allows(R"({"maximum": 18446744073709551615})", "18446744073709551615"));
  EXPECT_FALSE(allows(R"({"maximum": 18446744073709551615})", "18446744073709551616"));
  EXPECT_FALSE(allows(R"({"minimum": 3, "exclusiveMinimum": true})", "3"));
}

TEST(JsonSchema, KeepsMultiples) {
  EXPECT_TRUE(allows(R"({"multipleOf": 7})", "1001"));
  EXPECT_FALSE(allows(R"({"multipleOf": 7})", "1002"));
  EXPECT_TRUE(allows(R"({"multipleOf": 0.25})", "-3.75"));
  EXPECT_FALSE(allows(R"({"multipleOf": 0.25})", "3.7"));
  EXPECT_THAT(refusal_of(R"({"multipleOf": 123457})", ErrorCode::kUnsupported), HasSubstr("\"/multipleOf\""));
}

TEST(JsonSchema, CountsCharactersAndReadsEscapes) {
  const std::string_view two = R"({"type": "string", "minLength": 2, "maxLength": 2})";
  EXPECT_TRUE(allows(two, R"("\u00e9\n")"));
  EXPECT_TRUE(allows(two, R"("\ud83d\ude00\/")"));
  EXPECT_TRUE(allows(two, "\"\u00e9\U0001F600\""));
  EXPECT_FALSE(allows(two, R"("a")"));
  EXPECT_FALSE(allows(two, "\"a\n\""));
  EXPECT_FALSE(allows(two, R"("\ud83da")"));
  EXPECT_TRUE(allows(R"({"const": "\u00e9"})", R"("\u00E9")"));
}

TEST(JsonSchema, PutsPatternsLengthsAndFormatsTogether) {
  const std::string_view schema =
      R"({"type": "string", "pattern": "^[a-z]+$", "maxLength": 3, "not": {"enum": ["foo"]}})";
  EXPECT_TRUE(allows(schema, R"("fo")"));
  EXPECT_TRUE(allows(schema, R"("fop")"));
  EXPECT_FALSE(allows(schema, R"("foo")"));
  EXPECT_FALSE(allows(schema, R"("abcd")"));
  EXPECT_TRUE(allows(R"({"format": "date"})", R"("2024-02-29")"));
  EXPECT_FALSE(allows(R"({"format": "date"})", R"("2023-02-29")"));
  EXPECT_TRUE(allows(R"({"format": "ipv6"})", R"("2001:db8::1:0:192.0.2.1")"));
  EXPECT_FALSE(allows(R"({"format": "ipv6"})", R"("1::2::3")"));
  EXPECT_TRUE(allows(R"({"format": "uri"})", R"("https://user@example.org:80/a/%20?b#c")"));
  EXPECT_TRUE(allows(R"({"format": "what-nobody-knows"})", R"("x")"));
}

TEST(JsonSchema, AllowsAnyOrderOfProperties) {
  const std::string_view schema = R"({"type": "object", "properties": {"a": {"type": "null"}, "b": {}},
                                      "required": ["a"], "additionalProperties": false})";
  EXPECT_TRUE(allows(schema, R"({"a":null,"b":1})"));
  EXPECT_TRUE(allows(schema, R"({"b":1,"a":null})"));
  EXPECT_FALSE(allows(schema, R"({"b":1})"));
  EXPECT_FALSE(allows(schema, R"({"a":null,"a":null})"));
  EXPECT_FALSE(allows(schema, R"({"a":null,"c":1})"));
}

TEST(JsonSchema, AllowsAnyOrderOfManyPropertiesThatBeginAlike) {
  std::string properties;
  for (const char* name : {"a", "ab", "abc", "abd", "b", "ba", "bab", "c", "\u00e9", "d e", "e"}) {
    properties += std::string(properties.empty() ? "" : ",") + "\"" + name + "\": {\"type\": \"integer\"}";
  }
  const std::string schema =
      "{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {" + properties + "}";
  const std::string open = schema + "}";
  EXPECT_TRUE(allows(open, "{}"));
  EXPECT_TRUE(allows(open, R"({"e":1,"abd":2,"\u00e9":3,"ab":4,"abc":5,"d e":6,"bab":7,"a":8})"));
  EXPECT_FALSE(allows(open, R"({"ab":1,"abc":2,"ab":3})"));
  EXPECT_FALSE(allows(open, R"({"abe":1})"));
  const std::string bounded =
      schema + R"(, "required": ["c", "ab"], "minProperties": 3, "maxProperties": 4})";
  EXPECT_TRUE(allows(bounded, R"({"ab":1,"a":2,"c":3})"));
  EXPECT_TRUE(allows(bounded, R"({"e":0,"ab":1,"a":2,"c":3})"));
  EXPECT_FALSE(allows(bounded, R"({"ab":1,"c":3})"));
  EXPECT_FALSE(allows(bounded, R"({"e":0,"b":1,"a":2,"c":3})"));
  EXPECT_FALSE(allows(bounded, R"({"e":0,"ab":1,"a":2,"c":3,"b":4})"));
}

TEST(JsonSchema, NeverBeginsANameThatHasNoEnd) {
  const Result<Grammar> grammar = read_json_schema(R"({"type": "object", "additionalProperties": false,
      "properties": {"a1": {}, "a2": {}, "b1": {}, "b2": {}, "c1": {}, "c2": {}, "d1": {}, "d2": {}, "e": {}},
      "required": ["d2"], "maxProperties": 3})");
  ASSERT_TRUE(grammar.ok());
  EXPECT_EQ(match_text(*grammar, R"({"a1":0,"a2":0,"a)")->byte, 16U);  // both are written
  EXPECT_EQ(match_text(*grammar, R"({"e":0,"a1":0,"d1)")->byte,
            16U);  // there is room for what must come alone
  EXPECT_EQ(match_text(*grammar, R"({"e":0,"d2":0,"d2)")->byte, 16U);
}

TEST(JsonSchema, KeepsListedItemsApart) {
  const std::string_view systems = R"({"type": "array", "uniqueItems": true, "minItems": 1,
                                       "items": {"enum": ["linux", "mac\u00f6s", 1, 1.5, -2, null, true]}})";
  EXPECT_TRUE(allows(systems, R"(["mac\u00f6s", 1.50, null, true, 1.0, "linux", -2])"));
  EXPECT_FALSE(allows(systems, "[1, 1.0]"));
  EXPECT_FALSE(allows(systems, R"(["linux", "linux"])"));
  EXPECT_FALSE(allows(systems, "[]"));
  EXPECT_TRUE(allows(R"({"type": "array", "uniqueItems": true, "items": {"type": "boolean"}})", "[]"));
  const std::string_view days = R"({"type": "array", "uniqueItems": true, "maxItems": 2,
                                    "items": {"type": "integer", "minimum": -3, "maximum": 3}})";
  EXPECT_TRUE(allows(days, "[-3, 0]"));
  EXPECT_FALSE(allows(days, "[0, -0]"));
  EXPECT_FALSE(allows(days, "[1, 2, 3]"));
}

TEST(JsonSchema, KeepsWhatOtherKeysAreFor) {
  const std::string_view schema = R"({"type": "object", "properties": {"name": {"type": "string"}},
      "patternProperties": {"^x-": {"type": "null"}}, "additionalProperties": {"type": "integer"}})";
  EXPECT_TRUE(allows(schema, R"({"name":"n","x-y":null,"names":1})"));
  EXPECT_FALSE(allows(schema, R"({"name":1})"));
  EXPECT_FALSE(allows(schema, R"({"x-y":1})"));
  EXPECT_FALSE(allows(schema, R"({"nam":"n"})"));
  EXPECT_TRUE(allows(R"({"propertyNames": {"maxLength": 1}})", R"({"a":1,"b":2})"));
  EXPECT_FALSE(allows(R"({"propertyNames": {"maxLength": 1}})", R"({"ab":1})"));
}

TEST(JsonSchema, CountsMembersAndItems) {
  EXPECT_FALSE(allows(R"({"type": "object", "minProperties": 1, "maxProperties": 2})", "{}"));
  EXPECT_TRUE(allows(R"({"type": "object", "minProperties": 1, "maxProperties": 2})", R"({"a":1,"b":1})"));
  EXPECT_FALSE(allows(R"({"type": "object", "maxProperties": 2})", R"({"a":1,"b":1,"c":1})"));
  const std::string_view contains = R"({"type": "array", "contains": {"type": "null"}, "maxContains": 2})";
  EXPECT_TRUE(allows(contains, "[1,null,2,null]"));
  EXPECT_FALSE(allows(contains, "[1]"));
  EXPECT_FALSE(allows(contains, "[null,null,null]"));
  EXPECT_TRUE(
      allows(R"({"prefixItems": [{"type": "null"}], "items": {"const": 1}, "minItems": 2})", "[null,1]"));
  EXPECT_FALSE(
      allows(R"({"prefixItems": [{"type": "null"}], "items": {"const": 1}, "minItems": 2})", "[null]"));
}

TEST(JsonSchema, TakesExactlyOneBranch) {
  const std::string_view schema = R"({"oneOf": [
      {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
      {"type": "object", "properties": {"b": {"type": "integer"}}, "required": ["b"]}]})";
  EXPECT_TRUE(allows(schema, R"({"a":1})"));
  EXPECT_TRUE(allows(schema, R"({"a":"x","b":1})"));
  EXPECT_FALSE(allows(schema, R"({"a":1,"b":1})"));
  EXPECT_FALSE(allows(schema, "{}"));
}

TEST(JsonSchema, FollowsConditions) {
  const std::string_view schema = R"({"type": "object", "properties": {"kind": {"enum": ["a", "b"]}},
      "required": ["kind"], "if": {"properties": {"kind": {"const": "a"}}},
      "then": {"required": ["x"]}, "else": {"not": {"required": ["x"]}}})";
  EXPECT_TRUE(allows(schema, R"({"kind":"a","x":1})"));
  EXPECT_FALSE(allows(schema, R"({"kind":"a"})"));
  EXPECT_TRUE(allows(schema, R"({"kind":"b"})"));
  EXPECT_FALSE(allows(schema, R"({"kind":"b","x":1})"));
}

TEST(JsonSchema, FollowsReferencesAlsoToItself) {
  const std::string_view tree = R"({"$ref": "#/$defs/node", "$defs": {"node": {"type": "object",
      "properties": {"value": {"type": "integer"}, "children": {"type": "array", "items": {"$ref": "#/$defs/node"}}},
      "required": ["value"], "additionalProperties": false}}})";
  EXPECT_TRUE(allows(tree, R"({"value":1,"children":[{"value":2},{"value":3,"children":[]}]})"));
  EXPECT_FALSE(allows(tree, R"({"value":1,"children":[{"children":[]}]})"));
  EXPECT_TRUE(allows(R"({"$id": "http://x.org/a/b.json", "$ref": "c.json",
                         "$defs": {"c": {"$id": "c.json", "$anchor": "d", "type": "null"}}})",
                     "null"));
}

TEST(JsonSchema, LeavesOutBranchesThatNeverEnd) {
  EXPECT_TRUE(
      allows(R"({"anyOf": [{"type": "null"}, {"type": "array", "items": {"$ref": "#"}, "minItems": 1}]})",
             "[[null]]"));
  EXPECT_THAT(
      refusal_of(R"({"type": "array", "items": {"$ref": "#"}, "minItems": 1})", ErrorCode::kInvalidArgument),
      HasSubstr("no value"));
}

TEST(JsonSchema, SaysWhereAReferenceLeadsNowhere) {
  EXPECT_THAT(refusal_of(R"({"items": {"$ref": "#/$defs/a~b"}})", ErrorCode::kInvalidArgument),
              AllOf(HasSubstr("\"/items/$ref\""), HasSubstr("'#/$defs/a~b'")));
  EXPECT_THAT(refusal_of(R"({"$ref": "#nowhere"})", ErrorCode::kInvalidArgument), HasSubstr("anchor"));
  EXPECT_THAT(refusal_of(R"({"$ref": "other.json"})", ErrorCode::kInvalidArgument), HasSubstr("$defs"));
  EXPECT_THAT(refusal_of(R"({"$ref": "#"})", ErrorCode::kInvalidArgument), HasSubstr("nothing but itself"));
}

TEST(JsonSchema, SaysWhichKeywordItCannotKeep) {
  EXPECT_THAT(refusal_of(R"({"properties": {"a/b": {"uniqueItems": true}}})", ErrorCode::kUnsupported),
              HasSubstr("\"/properties/a~1b/uniqueItems\""));
  EXPECT_THAT(refusal_of(R"json({"not": {"pattern": "(?=a)"}})json", ErrorCode::kUnsupported),
              HasSubstr("\"/not/pattern\""));
  EXPECT_THAT(refusal_of(R"({"unevaluatedProperties": false})", ErrorCode::kUnsupported),
              HasSubstr("\"/unevaluatedProperties\""));
}

TEST(JsonSchema, RefusesNumbersOfTooManyDigits) {
  EXPECT_THAT(refusal_of(R"({"properties": {"a": {"const": 1e30}}})", ErrorCode::kUnsupported),
              HasSubstr("\"/properties/a/const\""));
  EXPECT_THAT(refusal_of(R"({"minimum": 1e30})", ErrorCode::kUnsupported), HasSubstr("\"/minimum\""));
  EXPECT_TRUE(allows(R"({"maximum": 1e30})", "7"));
}

TEST(JsonSchema, ReadsLongLists) {
  std::string list = "[0";
  for (int i = 1; i < 1000; ++i) list += "," + std::to_string(i);
  list += "]";
  EXPECT_TRUE(allows("{\"const\": " + list + "}", list));
  EXPECT_FALSE(allows("{\"const\": " + list + "}", list.substr(0, list.size() - 5) + "]"));
}

TEST(JsonSchema, SaysWhatIsNoSchema) {
  EXPECT_THAT(refusal_of("[]", ErrorCode::kInvalidArgument), HasSubstr("an object or a boolean"));
  EXPECT_THAT(refusal_of("{", ErrorCode::kInvalidArgument), HasSubstr("line 1"));
  EXPECT_THAT(refusal_of(R"({"type": "text"})", ErrorCode::kInvalidArgument), HasSubstr("\"/type\""));
  EXPECT_THAT(refusal_of(R"({"minLength": -1})", ErrorCode::kInvalidArgument), HasSubstr("\"/minLength\""));
  EXPECT_THAT(refusal_of(R"({"items": 1})", ErrorCode::kInvalidArgument), HasSubstr("\"/items\""));
}

TEST(JsonSchema, RefusesWhatGrowsWithoutBound) {
  std::string schema = R"({"allOf": [)";
  for (int i = 0; i < 12; ++i) {
    const std::string n = std::to_string(i);
    schema += R"({"anyOf": [{"required": ["a)" + n + R"("]}, {"required": ["b)" + n + R"("]}]},)";
  }
  schema.back() = ']';
  EXPECT_THAT(refusal_of(schema + "}", ErrorCode::kUnsupported),
              AllOf(HasSubstr("\"/allOf\""), HasSubstr("alternatives")));
}

}  // namespace
}  // namespace hearth
