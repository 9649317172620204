// What actions give that ask nothing of the host, and what they say of wrong parameters.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/workflow/actions/action.h"

namespace hearth::workflow {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::ordered_json;

/// The result, or {"error": message}.
Json result_of(std::string_view name, const char* parameters) {
  const Action* action = find_action(name);
  if (action == nullptr) return {{"error", "no such action"}};
  const State state(Json{{"known", 1}});
  const Json none = Json::object();
  Result<Step> step = action->begin(Json::parse(parameters), {state, none});
  if (!step.ok()) return {{"error", step.error().message}};
  const Json* result = std::get_if<Json>(&*step);
  return result == nullptr ? Json{{"error", "it asks the host"}} : *result;
}

struct ActionCase {
  const char* action;
  const char* parameters;
  const char* result;
};

class ActionGives : public ::testing::TestWithParam<ActionCase> {};

TEST_P(ActionGives, ThisOfThese) {
  EXPECT_EQ(result_of(GetParam().action, GetParam().parameters), Json::parse(GetParam().result));
}

INSTANTIATE_TEST_SUITE_P(
    OfJson, ActionGives,
    ::testing::Values(
        ActionCase{"json.parse", R"({"text": "{\"a\": 1}"})", R"({"data": {"a": 1}, "success": true})"},
        ActionCase{"json.parse", R"({"text": "{", "strict": false, "default": {}})",
                   R"({"data": {}, "success": true})"},
        ActionCase{"json.stringify", R"({"data": {"b": 1, "a": [2]}, "sort_keys": true, "indent": 1})",
                   R"({"text": "{\n \"a\": [\n  2\n ],\n \"b\": 1\n}", "success": true})"},
        ActionCase{"json.get", R"({"data": {"users": [{"name": "A"}]}, "path": "users[0].name"})", R"("A")"},
        ActionCase{"json.get", R"({"data": {"a b": [1, 2]}, "path": "$['a b'][-1]"})", "2"},
        ActionCase{"json.get", R"({"data": {}, "path": "a.b", "default": 3})", "3"},
        ActionCase{"json.get", R"({"data": {}, "path": "a.b"})", "null"},
        ActionCase{"json.transform", R"({"data": {"u": [{"n": 1}, {}, {"n": 2}]}, "expression": "u[*].n"})",
                   R"({"result": [1, 2], "expression": "u[*].n", "success": true})"},
        ActionCase{"json.merge", R"({"sources": [{"a": {"x": 1}}, {"a": {"y": 2}}]})",
                   R"({"result": {"a": {"x": 1, "y": 2}}, "source_count": 2, "success": true})"},
        ActionCase{"data.merge", R"({"sources": [{"a": {"x": 1}}, {"a": {"y": 2}}], "strategy": "shallow"})",
                   R"({"result": {"a": {"y": 2}}, "source_count": 2, "success": true})"},
        ActionCase{"merge", R"({"sources": [{"a": 1}, {"b": 2}]})", R"({"a": 1, "b": 2})"},
        ActionCase{"data.validate",
                   R"({"data": {"a": "x"}, "schema": {"properties": {"a": {"type": "number"}}}})",
                   R"({"valid": false, "errors": [{"path": "data.a",
                 "message": "data.a must be number, not \"x\""}], "success": true})"}));

INSTANTIATE_TEST_SUITE_P(
    OfTexts, ActionGives,
    ::testing::Values(
        ActionCase{"text.split", R"({"text": " a  b\n"})", R"(["a", "b"])"},
        ActionCase{"text.split", R"({"text": "a,b,c", "separator": ",", "max_parts": 2})", R"(["a", "b,c"])"},
        ActionCase{"text.join", R"({"items": ["a", 1, {"b": 2}], "separator": "; "})",
                   R"("a; 1; {\"b\":2}")"},
        ActionCase{"text.replace", R"({"text": "aXbX", "find": "X", "replacement": "-"})", R"("a-b-")"},
        ActionCase{"text.replace", R"({"text": "a12b3é", "pattern": "\\d+", "replacement": "#"})",
                   R"("a#b#é")"},
        ActionCase{"text.replace", R"({"text": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", "pattern": "(a+)+b"})",
                   R"("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac")"},
        ActionCase{"text.upper", R"({"text": "straße é"})", R"("STRASSE É")"},
        ActionCase{"text.lower", R"({"text": "ÀB"})", R"("àb")"},
        ActionCase{"text.trim", R"({"text": "\u00a0 a b\n"})", R"("a b")"},
        ActionCase{"text.trim", R"({"text": "--a-", "characters": "-"})", R"("a")"},
        ActionCase{"text.trim", R"({"text": "  "})", R"("")"},
        ActionCase{"text.length", R"({"text": "né"})", "2"},
        ActionCase{"template", R"({"template": "as {it} is"})", R"("as {it} is")"},
        ActionCase{"text.template", R"({"template": "{{{a}}} {b}", "values": {"a": 1, "b": "{a}"}})",
                   R"("{1} {a}")"}));

TEST(Actions, ErrorsNameTheParameter) {
  const auto error = [](std::string_view action, const char* parameters) {
    return result_of(action, parameters).value("error", std::string("none"));
  };
  EXPECT_THAT(error("json.parse", R"({"text": 3})"), HasSubstr("'text' must be a text"));
  EXPECT_THAT(error("json.parse", R"({"text": "{"})"), HasSubstr("'text'"));
  EXPECT_THAT(error("json.stringify", "{}"), HasSubstr("'data' is missing"));
  EXPECT_THAT(error("json.transform", R"({"data": 1, "expression": "users[?a=='b']"})"),
              HasSubstr("write a template"));
  EXPECT_THAT(error("json.merge", R"({"sources": [1]})"), HasSubstr("'sources'"));
  EXPECT_THAT(error("json.merge", R"({"sources": [], "strategy": "x"})"), HasSubstr("'strategy'"));
  EXPECT_THAT(error("text.replace", R"({"text": "", "pattern": "("})"), HasSubstr("'pattern'"));
  EXPECT_THAT(error("text.replace", R"({"text": "", "find": ""})"), HasSubstr("'find'"));
  EXPECT_THAT(error("text.template", R"({"template": "{x}", "values": {}})"), HasSubstr("'{x}'"));
  EXPECT_THAT(error("text.template", R"({"template": "{x", "values": {"": 1}})"), HasSubstr("'{x'"));
  EXPECT_THAT(error("storage.get", "{}"), HasSubstr("'key' is missing"));
  EXPECT_THAT(error("storage.put", R"({"key": "a"})"), HasSubstr("'value' is missing"));
  EXPECT_THAT(error("memory.store", R"({"key": "a", "value": 1, "ttl": 5})"), HasSubstr("'ttl'"));
  EXPECT_THAT(error("memory.search", R"({"query": "a", "top_k": 0})"), HasSubstr("'top_k'"));
  EXPECT_THAT(error("http.get", R"({"url": "file:///etc/passwd"})"), HasSubstr("'url'"));
  EXPECT_THAT(error("http.post", R"({"url": "https://a.b", "headers": {"x": 1}})"), HasSubstr("'x'"));
  EXPECT_THAT(error("llm.tools", R"({"prompt": "a", "tools": [{}]})"), HasSubstr("'tools'"));
  EXPECT_THAT(error("llm.call", R"({"prompt": "a", "response_format": {"type": 3}})"),
              HasSubstr("response_format"));
  EXPECT_THAT(error("llm.rerank", R"({"query": "a", "documents": "b"})"), HasSubstr("'documents'"));
}

}  // namespace
}  // namespace hearth::workflow
