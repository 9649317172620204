// What fuzzing workflows takes: documents of JSON, and a host whose answers are bytes of the input. Fuzzers
// only.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "engine/text/json_text.h"
#include "engine/text/tokenizer_fuzzing.h"
#include "engine/workflow/definition/read_workflow.h"
#include "engine/workflow/run/run.h"

namespace hearth::workflow::fuzzing {

using hearth::fuzzing::Input;
using hearth::fuzzing::require;
using Json = nlohmann::ordered_json;

/// The events of a document of JSON. "*a" is an alias, "&a text" a text with an anchor, and an object's key
/// "&a" gives the object that anchor.
inline void add_events(const Json& value, Json& events) {
  if (value.is_array()) {
    events.push_back({"[", 1, 1, "", ""});
    for (const Json& item : value) add_events(item, events);
    events.push_back(Json::array({"]"}));
  } else if (value.is_object()) {
    const bool has_anchor = !value.empty() && value.begin().key().starts_with('&');
    events.push_back({"{", 1, 1, has_anchor ? value.begin().key().substr(1) : "", ""});
    for (auto entry = value.begin(); entry != value.end(); ++entry) {
      events.push_back({"=", 1, 1, entry.key(), "plain", "", ""});
      add_events(entry.value(), events);
    }
    events.push_back(Json::array({"}"}));
  } else {
    const std::string text = value.is_string() ? value.get<std::string>() : write_json(value);
    const size_t blank = text.find(' ');
    if (text.size() > 1 && text[0] == '*') {
      events.push_back({"*", 1, 1, text.substr(1)});
    } else if (text.starts_with('&') && blank != std::string::npos) {
      events.push_back({"=", 1, 1, text.substr(blank + 1), "plain", text.substr(1, blank - 1), ""});
    } else {
      events.push_back({"=", 1, 1, text, "plain", "", ""});
    }
  }
}

/// Null where it is no workflow that runs.
inline std::shared_ptr<const Workflow> workflow_of(const Json& document) {
  Json events = Json::array();
  add_events(document, events);
  const Result<Element> element = compose(events, "fuzz");
  if (!element.ok()) return nullptr;
  Reading reading = read_workflow(*element, {"double"});
  require(to_text(reading.faults, "fuzz").empty() == reading.faults.empty(), "faults are told");
  return reading.workflow;
}

/// An answer that fits some call, or none.
inline Result<Json> answer_of(Input& bytes) {
  const uint8_t kind = bytes.byte();
  const std::string text(bytes.bytes(kind % 16));
  if (kind >= 240) return Error{ErrorCode::kNetwork, "no answer"};
  if (kind >= 200) {
    Result<Json> json = parse_json(text, "an answer");
    return json.ok() ? std::move(json) : Result<Json>(Json());
  }
  Json answer = {{"text", text},
                 {"embeddings", {{1, kind}}},
                 {"scores", {0.5, kind}},
                 {"tokens", {1, 2}},
                 {"keys", {"a", text}},
                 {"found", kind % 2 == 0},
                 {"value", {{"value", text}, {"embedding", {kind, 1}}}},
                 {"status", 200 + kind},
                 {"body", text},
                 {"usage", {{"promptTokens", 3}, {"completionTokens", kind}}}};
  if (kind % 3 == 0)
    answer["toolCalls"] = {{{"id", "1"}, {"name", text}, {"arguments", {{"text", text}, {"key", "k"}}}}};
  return answer;
}

/// One advance, with what it asks for.
inline void advance(Run& run, Input& bytes, int64_t now) {
  for (const Json& event : run.advance(now)) {
    if (event["event"] == "call") run.answer(event["id"], answer_of(bytes));
  }
}

/// Runs it to its end, which comes.
inline void drive(Run& run, Input& bytes) {
  constexpr int kMostAdvances = 20'000;
  int64_t now = 0;
  for (int advances = 0; !run.has_ended(); ++advances) {
    require(advances < kMostAdvances, "a run ends");
    advance(run, bytes, now);
    const auto wake_at = run.wake_at();
    require(wake_at || run.has_ended(), "a run that waits for nothing has ended");
    if (wake_at) now = std::max(now, *wake_at);
  }
}

}  // namespace hearth::workflow::fuzzing
