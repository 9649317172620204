// Actions that ask the host: a store in memory, a model that calls tools, a server.
#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <memory>

#include "engine/workflow/workflow_testing.h"

namespace hearth::workflow {
namespace {

using ::testing::HasSubstr;
using testing::Host;
using testing::Json;
using testing::play;
using testing::Played;

/// A store, and vectors that tell how many a, b and c are in a text.
Host host_with_store() {
  auto values = std::make_shared<std::map<std::string, Json>>();
  Host host;
  host.answer = [values](const Json& call) -> Result<Json> {
    const Json& request = call["request"];
    if (call["kind"] == "embed") {
      Json vector = Json::array();
      const std::string text = request["texts"][0];
      for (const char letter : {'a', 'b', 'c'})
        vector.push_back(std::count(text.begin(), text.end(), letter));
      return Json{{"embeddings", Json::array({vector})}, {"usage", {{"promptTokens", 1}}}};
    }
    const std::string space = request["namespace"].get<std::string>() + "/";
    if (request["op"] == "list") {
      Json keys = Json::array();
      const std::string prefix = space + request["prefix"].get<std::string>();
      for (const auto& [key, value] : *values) {
        if (key.starts_with(prefix)) keys.push_back(key.substr(space.size()));
      }
      return Json{{"keys", keys}};
    }
    const std::string key = space + request["key"].get<std::string>();
    if (request["op"] == "put") {
      (*values)[key] = request["value"];
      return Json::object();
    }
    if (request["op"] == "delete") {
      values->erase(key);
      return Json::object();
    }
    const auto found = values->find(key);
    return found == values->end() ? Json{{"found", false}} : Json{{"found", true}, {"value", found->second}};
  };
  return host;
}

TEST(StorageActions, KeepGiveListAndDelete) {
  const Played played = play(R"(
nodes:
  - {name: one, uses: storage.put, with: {key: a, value: {n: 1}}, output: put}
  - {name: two, uses: storage.put, with: {key: b, value: null}, output: put}
  - {name: elsewhere, uses: storage.get, with: {key: a, namespace: other, default: 7}, output: elsewhere}
  - {name: get, uses: storage.get, with: {key: a}, output: got}
  - {name: delete, uses: storage.delete, with: {key: a}, output: deleted}
  - {name: list, uses: storage.list, output: listed}
)",
                             Json::object(), host_with_store());
  const Json& state = played.last["state"];
  EXPECT_EQ(state["put"], Json::parse(R"({"stored": true, "key": "b", "namespace": "default"})"));
  EXPECT_EQ(state["elsewhere"], Json::parse(R"({"value": 7, "found": false, "key": "a"})"));
  EXPECT_EQ(state["got"], Json::parse(R"({"value": {"n": 1}, "found": true, "key": "a"})"));
  EXPECT_EQ(state["deleted"], Json::parse(R"({"deleted": true, "key": "a"})"));
  EXPECT_EQ(state["listed"], Json::parse(R"({"keys": ["b"], "count": 1})"));
}

TEST(MemoryActions, FindWhatIsNearestInMeaning) {
  const Played played = play(R"(
nodes:
  - {name: one, uses: memory.store, with: {key: x, value: aab, embed: true, metadata: {from: test}}}
  - {name: two, uses: memory.store, with: {key: y, value: ccc, embed: true}}
  - {name: three, uses: memory.store, with: {key: z, value: [1], embed: true, text: ab}}
  - {name: plain, uses: memory.store, with: {key: plain, value: aa}}
  - {name: get, uses: memory.retrieve, with: {key: x}, output: got}
  - {name: search, uses: memory.search, with: {query: a, top_k: 2, threshold: 0.1}, output: found}
)",
                             Json::object(), host_with_store());
  const Json& state = played.last["state"];
  EXPECT_EQ(state["got"],
            Json::parse(R"({"value": "aab", "found": true, "key": "x", "metadata": {"from": "test"}})"));
  const Json& results = state["found"]["results"];
  ASSERT_EQ(results.size(), 2U) << played.last;
  EXPECT_EQ(results[0]["id"], "x");
  EXPECT_NEAR(results[0]["score"].get<double>(), 2 / std::sqrt(5.0), 1e-9);
  EXPECT_EQ(results[0]["metadata"], Json::parse(R"({"from": "test"})"));
  EXPECT_EQ(results[1]["value"], Json::parse("[1]"));
  EXPECT_EQ(played.last["usage"]["calls"], 4);
}

TEST(MemoryActions, ASearchOfNothingFindsNothing) {
  const Played played = play("nodes: [{name: search, uses: memory.search, with: {query: a}, output: found}]",
                             Json::object(), host_with_store());
  EXPECT_EQ(played.last["state"]["found"], Json::parse(R"({"results": [], "count": 0, "success": true})"));
}

TEST(HttpActions, SendJsonAndReadIt) {
  Host host;
  host.answer = [](const Json& call) -> Result<Json> {
    EXPECT_EQ(call["kind"], "http");
    EXPECT_EQ(call["request"], Json::parse(R"({"method": "POST", "url": "https://example.org/x",
        "headers": {"content-type": "application/json"}, "body": "{\"q\":1}"})"));
    return Json{{"status", 200}, {"headers", Json::object()}, {"body", "{\"ok\": true}"}};
  };
  const Played played = play(
      "nodes: [{name: ask, uses: http.post, with: {url: 'https://example.org/x', json: {q: 1}}, output: r}]",
      Json::object(), host);
  EXPECT_EQ(played.last["state"]["r"]["json"], Json::parse(R"({"ok": true})")) << played.last;
}

TEST(HttpActions, AStatusOfAnErrorFailsTheNode) {
  Host host;
  host.answer = [](const Json&) -> Result<Json> { return Json{{"status", 404}, {"body", "no such page"}}; };
  const Played played = play("nodes: [{name: ask, uses: http.get, with: {url: 'https://example.org/x'}}]",
                             Json::object(), host);
  EXPECT_EQ(played.last["error"]["code"], "SERVER");
  EXPECT_THAT(played.last["error"]["message"].get<std::string>(), HasSubstr("404: no such page"));
}

constexpr const char* kTools = R"(
nodes:
  - name: agent
    uses: llm.tools
    with:
      prompt: go
      max_tool_rounds: 2
      tools:
        - {name: shout, description: Makes it loud, parameters: {text: {type: string, required: true}}, action: text.upper}
        - {type: function, function: {name: double, parameters: {type: object}}}
        - {name: recall, action: storage.get}
    output: answer
)";

Json call_of(const char* id, const char* name, Json arguments) {
  return {{"id", id}, {"name", name}, {"arguments", std::move(arguments)}};
}

TEST(Tools, AreActionsAndFunctionsThatTheModelCalls) {
  Host host;
  host.answer = [turn = 0](const Json& call) mutable -> Result<Json> {
    const Json& request = call["request"];
    if (call["kind"] == "function") return Json(request["parameters"]["n"].get<int>() * 2);
    if (call["kind"] == "store") return Json{{"found", true}, {"value", "kept"}};
    const Json usage = {{"promptTokens", 3}, {"completionTokens", 2}};
    if (turn++ == 0) {
      EXPECT_EQ(request["tools"][0]["function"]["parameters"],
                Json::parse(R"({"type": "object", "properties": {"text": {"type": "string"}},
                                "required": ["text"]})"));
      return Json{{"text", ""},
                  {"toolCalls",
                   {call_of("1", "shout", {{"text", "hi"}}), call_of("2", "double", {{"n", 4}}),
                    call_of("3", "recall", {{"key", "k"}}), call_of("4", "unknown", Json::object()),
                    call_of("5", "shout", Json::object()), call_of("6", "shout", "{bad")}},
                  {"usage", usage}};
    }
    EXPECT_EQ(request["messages"].size(), 8U);
    EXPECT_EQ(request["messages"][1]["tool_calls"][0]["function"]["arguments"], R"({"text":"hi"})");
    EXPECT_EQ(request["messages"][2],
              Json::parse(R"({"role": "tool", "tool_call_id": "1", "name": "shout", "content": "HI"})"));
    EXPECT_EQ(request["messages"][3]["content"], "8");
    return Json{{"text", "done"}, {"usage", usage}};
  };
  const Played played = play(kTools, Json::object(), host);
  const Json& answer = played.last["state"]["answer"];
  EXPECT_EQ(answer["content"], "done") << played.last;
  EXPECT_EQ(answer["rounds"], 1);
  EXPECT_EQ(answer["tool_calls"].size(), 6U);
  EXPECT_EQ(answer["tool_results"][2]["result"]["value"], "kept");
  EXPECT_THAT(answer["tool_results"][3]["result"]["error"].get<std::string>(),
              HasSubstr("no tool 'unknown'"));
  EXPECT_THAT(answer["tool_results"][4]["result"]["error"].get<std::string>(),
              HasSubstr("'text' is missing"));
  EXPECT_THAT(answer["tool_results"][5]["result"]["error"].get<std::string>(), HasSubstr("no JSON object"));
  EXPECT_EQ(answer["usage"]["total_tokens"], 10);
}

TEST(Tools, EndAfterTheirRounds) {
  Host host;
  host.answer = [](const Json& call) -> Result<Json> {
    const Json calls = Json::array({call_of("1", "shout", {{"text", "x"}})});
    return Json{{"text", call["request"].contains("tools") ? "more" : "last"}, {"toolCalls", calls}};
  };
  const Json answer = play(kTools, Json::object(), host).last["state"]["answer"];
  EXPECT_EQ(answer["rounds"], 2);
  EXPECT_EQ(answer["content"], "last");
}

TEST(Actions, EmbedAndRankTextsAndObjectsThatHaveOne) {
  Host host;
  host.answer = [](const Json& call) -> Result<Json> {
    const Json& request = call["request"];
    const Json expected = {"a cat", "a car"};
    EXPECT_EQ(request.contains("texts") ? request["texts"] : request["documents"], expected);
    return Json{{"embeddings", {{1}, {2}}}, {"scores", {0.25, 0.5}}};
  };
  const Played played = play(R"(
nodes:
  - {name: one, uses: llm.embed, with: {texts: [{text: a cat}, a car]}, output: vectors}
  - {name: two, uses: llm.rerank, with: {query: q, documents: [{text: a cat}, a car], top_n: 1}, output: {best: "{{ result.results[0] }}"}}
)",
                             Json::object(), host);
  EXPECT_EQ(played.last["state"]["best"], Json({{"index", 1}, {"score", 0.5}, {"document", "a car"}}));
  for (const char* wrong : {"documents: [3]", "documents: [{title: a}]", "documents: a"}) {
    const Played refused = play(std::string("nodes: [{uses: llm.rerank, with: {query: q, ") + wrong + "}}]",
                                Json::object(), host);
    EXPECT_EQ(refused.last["error"]["code"], "INVALID_ARGUMENT") << wrong;
  }
}

TEST(Actions, StandOddAnswersOfTheHost) {
  for (const char* action :
       {"llm.call", "llm.json", "llm.classify", "llm.embed", "llm.rerank", "llm.tokenize", "llm.tools",
        "storage.get", "storage.list", "memory.search", "memory.retrieve", "http.get"}) {
    for (const char* odd : {"null", "3", "[]", R"({"text": 1, "toolCalls": 2, "usage": {"promptTokens": "x"},
         "embeddings": [[]], "scores": {}, "tokens": 1, "keys": 3, "found": true, "status": "x"})"}) {
      Host host;
      host.answer = [&](const Json&) -> Result<Json> { return Json::parse(odd); };
      const Played played =
          play(std::string("nodes: [{name: one, uses: ") + action +
                   ", with: {prompt: a, text: a, query: a, documents: [a], key: a, url: 'https://a.b', "
                   "choices: [a], schema: {}, tools: [{name: a}]}}]",
               Json::object(), host);
      EXPECT_TRUE(played.last["event"] == "done" || played.last["event"] == "error") << action << odd;
    }
  }
}

}  // namespace
}  // namespace hearth::workflow
