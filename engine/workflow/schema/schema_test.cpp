// What schemas allow, what they refuse, and in which words.
#include "engine/workflow/schema/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hearth::workflow {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::ordered_json;

/// "" where the value keeps to the schema.
std::string told(const char* schema, const char* value) {
  const Result<Schema> read = Schema::read(Json::parse(schema));
  if (!read.ok()) return read.error().message;
  const Result<void> kept = read->check(Json::parse(value), "state");
  return kept.ok() ? "" : kept.error().message;
}

struct SchemaCase {
  const char* schema;
  const char* value;
  const char* message;
};

class SchemaSays : public ::testing::TestWithParam<SchemaCase> {};

TEST_P(SchemaSays, WhereAndWhatAndWhatItIs) {
  EXPECT_EQ(told(GetParam().schema, GetParam().value), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Schema, SchemaSays,
    ::testing::Values(
        SchemaCase{R"({"type": "object"})", "{}", ""},
        SchemaCase{R"({"type": ["string", "null"]})", "3", "state must be string or null, not 3"},
        SchemaCase{R"({"type": "integer"})", "2.0", ""},
        SchemaCase{R"({"type": "integer"})", "123456789012345678901234567890", ""},
        SchemaCase{R"({"type": "integer"})", "2.5", "state must be integer, not 2.5"},
        SchemaCase{R"({"properties": {"people": {"items": {"properties": {"age": {"minimum": 0}}}}}})",
                   R"({"people": [{"age": 4}, {"age": -1}]})",
                   "state.people[1].age must be at least 0, not -1"},
        SchemaCase{R"({"required": ["a"]})", "{}", "state must have 'a'"},
        SchemaCase{R"({"additionalProperties": false, "properties": {"a": true}})", R"({"a": 1, "b": 2})",
                   "state.b may not be there"},
        SchemaCase{R"({"patternProperties": {"^n": {"type": "number"}}})", R"({"name": "x"})",
                   R"(state.name must be number, not "x")"},
        SchemaCase{R"({"enum": [1, "x"]})", "1.0", ""},
        SchemaCase{R"({"enum": ["x"]})", "2", R"(state must be one of ["x"], not 2)"},
        SchemaCase{R"({"const": {"a": 1, "b": 2}})", R"({"b": 2, "a": 1})", ""},
        SchemaCase{R"({"minLength": 2})", R"("é")", "state must have at least 2 characters, not 1"},
        SchemaCase{R"({"pattern": "^a+$"})", R"("aab")",
                   R"(state must be a text that matches "^a+$", not "aab")"},
        SchemaCase{R"({"multipleOf": 0.1})", "0.3", ""},
        SchemaCase{R"({"exclusiveMaximum": 3})", "3", "state must be less than 3, not 3"},
        SchemaCase{R"({"prefixItems": [{"type": "string"}], "items": false})", R"(["a", 1])",
                   "state[1] may not be there"},
        SchemaCase{R"({"items": [{"type": "string"}], "additionalItems": false})", R"(["a", 1])",
                   "state[1] may not be there"},
        SchemaCase{R"({"uniqueItems": true})", "[1, 1.0]", "state must not have 1.0 twice"},
        SchemaCase{R"({"contains": {"type": "string"}})", "[1]",
                   "state has no item of the kind that `contains` asks for"},
        SchemaCase{R"({"propertyNames": {"maxLength": 1}})", R"({"ab": 1})",
                   "the name of state.ab must have at most 1 characters, not 2"},
        SchemaCase{R"({"anyOf": [{"type": "string"}, {"type": "null"}]})", "1",
                   "state must be what one of the 2 schemas of its `anyOf` allows, not 1"},
        SchemaCase{R"({"oneOf": [{"type": "number"}, {"type": "integer"}]})", "1",
                   "state must be what only one of the 2 schemas of its `oneOf` allow, not 1"},
        SchemaCase{R"({"not": {"type": "string"}})", R"("x")",
                   R"(state must be something else than {"type":"string"}, not "x")"},
        SchemaCase{R"({"if": {"type": "string"}, "then": {"minLength": 1}, "else": false})", "4",
                   "state may not be there"},
        SchemaCase{R"({"$ref": "#/$defs/a", "$defs": {"a": {"items": {"$ref": "#"}, "type": "array"}}})",
                   "[[], [[3]]]", "state[1][0][0] must be array, not 3"},
        SchemaCase{"false", "1", "state may not be there"}));

TEST(Schema, WhatIsNoneIsRefusedWithItsPlace) {
  EXPECT_THAT(told(R"({"properties": {"a": {"type": "strin"}}})", "1"), HasSubstr("/properties/a/type"));
  EXPECT_THAT(told(R"({"minLength": "x"})", "1"), HasSubstr("it must be a whole number from 0"));
  EXPECT_THAT(told(R"({"pattern": "("})", "1"), HasSubstr("/pattern"));
  EXPECT_THAT(told(R"({"$ref": "#/nowhere"})", "1"), HasSubstr("leads nowhere"));
  EXPECT_THAT(told(R"({"multipleOf": 0})", "1"), HasSubstr("more than 0"));
  EXPECT_EQ(Schema::read(Json::parse(R"({"unevaluatedItems": false})")).error().code,
            ErrorCode::kUnsupported);
}

TEST(Schema, EndsWhereItRefersToItself) {
  EXPECT_THAT(told(R"({"$ref": "#"})", "1"), HasSubstr("too often"));
  EXPECT_THAT(told(R"({"anyOf": [{"$ref": "#"}, {"$ref": "#"}, {"not": {"$ref": "#"}}]})", "1"),
              HasSubstr("too often"));
}

TEST(Schema, FillsInDefaultsWhereNothingIsGiven) {
  const Schema schema =
      Schema::read(Json::parse(R"({"properties": {"a": {"default": 1}, "b": {"default": []}, "c": {}}})"))
          .value();
  Json object = {{"b", 2}};
  schema.fill_in(object);
  EXPECT_EQ(object, Json::parse(R"({"b": 2, "a": 1})"));
}

TEST(Schema, MembersAreCheckedWithoutTheOthers) {
  const Schema schema =
      Schema::read(Json::parse(R"({"required": ["a"], "properties": {"b": {"type": "string"}}})")).value();
  EXPECT_TRUE(schema.check_members({{"b", "x"}}, "state").ok());
  EXPECT_EQ(schema.check_members({{"b", 1}}, "state").error().message, "state.b must be string, not 1");
}

}  // namespace
}  // namespace hearth::workflow
