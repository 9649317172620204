// Running workflows that are written in YAML, for tests. Test code only.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/workflow/yaml_events.h"
#include "engine/workflow/definition/read_workflow.h"
#include "engine/workflow/run/run.h"

namespace hearth::workflow::testing {

using Json = nlohmann::ordered_json;

inline Element document_of(const std::string& yaml) {
  const Result<Json> events = yaml_events(yaml, "test.yaml");
  EXPECT_TRUE(events.ok()) << (events.ok() ? "" : events.error().message);
  Result<Element> document = compose(*events, "test.yaml");
  EXPECT_TRUE(document.ok()) << (document.ok() ? "" : document.error().message);
  return std::move(document).value();
}

/// All faults, a line each: "4:5 rule".
inline std::string faults_of(const std::string& yaml, const std::vector<std::string>& functions = {}) {
  std::string told;
  for (const Fault& fault : read_workflow(document_of(yaml), functions).faults) {
    told += std::to_string(fault.place.line) + ":" + std::to_string(fault.place.column) + " " +
            std::string(fault.rule) + "\n";
  }
  return told;
}

/// A host whose clock jumps to when it is needed, and whose answers come at once.
struct Host {
  using Answer = std::function<Result<Json>(const Json& call)>;

  Answer answer = [](const Json& call) {
    return Result<Json>(Json{{"text", "answer to " + call["request"].dump()},
                             {"usage", {{"promptTokens", 3}, {"completionTokens", 2}}}});
  };
  int64_t now = 0;
  std::vector<Json> events;

  std::vector<Json> of(std::string_view kind) const {
    std::vector<Json> found;
    for (const Json& event : events) {
      if (event["event"] == kind) found.push_back(event);
    }
    return found;
  }
  /// The nodes that began, in order.
  std::string path() const {
    std::string path;
    for (const Json& event : of("node_started"))
      path += (path.empty() ? "" : " ") + event["node"].get<std::string>();
    return path;
  }

  /// The last event.
  Json drive(Run& run) {
    while (!run.has_ended()) {
      for (Json& event : run.advance(now)) {
        if (event["event"] == "call") run.answer(event["id"], answer(event));
        events.push_back(std::move(event));
      }
      if (const auto wake_at = run.wake_at()) now = std::max(now, *wake_at);
    }
    return events.back();
  }
};

struct Played : Host {
  std::shared_ptr<const Workflow> workflow;
  Json last;
};

inline std::shared_ptr<const Workflow> workflow_of(const std::string& yaml,
                                                   const std::vector<std::string>& functions = {}) {
  Reading reading = read_workflow(document_of(yaml), functions);
  EXPECT_TRUE(reading.workflow) << to_text(reading.faults, "test.yaml");
  return reading.workflow;
}

inline Played play(const std::string& yaml, Json input = Json::object(), Host host = {}) {
  Played played{std::move(host), workflow_of(yaml, {"double"}), {}};
  Result<std::unique_ptr<Run>> run = Run::start(*played.workflow, std::move(input));
  EXPECT_TRUE(run.ok()) << (run.ok() ? "" : run.error().message);
  if (run.ok()) played.last = played.drive(**run);
  return played;
}

}  // namespace hearth::workflow::testing
