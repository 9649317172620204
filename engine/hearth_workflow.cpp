// The C interface over workflows: checks what comes in, hands out texts, lets nothing escape.
#include "engine/hearth_workflow.h"

#include <cmath>
#include <optional>

#include "engine/base/error_codes.h"
#include "engine/hearth_internal.h"
#include "engine/text/json_text.h"
#include "engine/workflow/definition/workflow_files.h"
#include "engine/workflow/graph/graph.h"
#include "engine/workflow/run/run.h"

using hearth::Error;
using hearth::ErrorCode;
using hearth::guarded;
using hearth::hand_out;
using hearth::invalid;
using hearth::parse_json;
using hearth::require;
using hearth::Result;
using hearth::write_json;
using hearth::workflow::path_from;
using hearth::workflow::Run;
using hearth::workflow::Workflow;
using hearth::workflow::WorkflowFiles;
using nlohmann::ordered_json;

struct hearth_workflow {
  std::string path;
  WorkflowFiles files;
};

struct hearth_workflow_run {
  std::unique_ptr<Run> run;
};

namespace {

/// The clock's largest time: doubles are exact up to there.
constexpr double kLatest = 9007199254740992.0;

Result<ordered_json> json_of(const char* data, size_t size, std::string_view name) {
  HEARTH_TRY(require(data, "the JSON"));
  return parse_json({data, size}, name);
}

Result<std::vector<std::string>> read_functions(const char* given) {
  if (given == nullptr) return std::vector<std::string>();
  HEARTH_ASSIGN(const ordered_json json, parse_json(given, "functions"));
  std::vector<std::string> names;
  for (const ordered_json& name : json) {
    if (json.is_array() && name.is_string()) names.push_back(name.get<std::string>());
  }
  if (names.size() == json.size() && json.is_array()) return names;
  return invalid("functions must be a list of names");
}

Result<void> require_wanted(const hearth_workflow* workflow) {
  HEARTH_TRY(require(workflow, "workflow"));
  if (workflow->files.wanted() != nullptr) return {};
  return invalid("no file of the workflow is wanted");
}

/// The workflow itself. INVALID_ARGUMENT, or UNSUPPORTED, where it does not run.
Result<const Workflow*> runnable(const hearth_workflow* workflow) {
  HEARTH_TRY(require(workflow, "workflow"));
  if (workflow->files.wanted() != nullptr) {
    return invalid(fmt::format("{} has not been given yet", *workflow->files.wanted()));
  }
  if (const Workflow* found = workflow->files.find(workflow->path)) return found;
  return invalid(fmt::format("{} cannot run: hearth_workflow_faults says why", workflow->path));
}

/// The error that an answer tells of.
Result<void> read_error(const ordered_json& json, Error& error) {
  const ordered_json code = json.is_object() ? json.value("code", ordered_json()) : ordered_json();
  const ordered_json message = json.is_object() ? json.value("message", ordered_json()) : ordered_json();
  for (const hearth::ErrorCodeEntry& entry : hearth::error_codes()) {
    if (code != entry.name || !message.is_string()) continue;
    error = {entry.code, message.get<std::string>()};
    return {};
  }
  return invalid("an answer's error must be {\"code\", \"message\"}, with one of Hearth's codes");
}

Result<void> take_answer(Run& run, ordered_json answer) {
  const bool has_id = answer.is_object() && answer.contains("id") && answer["id"].is_number_unsigned();
  const bool has_error = has_id && answer.contains("error");
  if (!has_id || has_error == answer.contains("value")) {
    return invalid("an answer must be {\"id\", \"value\"} or {\"id\", \"error\"}");
  }
  const auto id = answer["id"].get<uint64_t>();
  if (!has_error) {
    run.answer(id, std::move(answer["value"]));
    return {};
  }
  Error error{};
  HEARTH_TRY(read_error(answer["error"], error));
  run.answer(id, std::move(error));
  return {};
}

}  // namespace

hearth_status hearth_workflow_create(const char* path, const char* functions_json,
                                     hearth_workflow** workflow) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(require(path, "path"));
    HEARTH_TRY(require(workflow, "the output"));
    HEARTH_ASSIGN(std::vector<std::string> functions, read_functions(functions_json));
    auto created = std::make_unique<hearth_workflow>(
        hearth_workflow{path_from("", path), WorkflowFiles(std::move(functions))});
    created->files.want(created->path);
    *workflow = created.release();
    return {};
  });
}

hearth_status hearth_workflow_wanted(const hearth_workflow* workflow, hearth_text* path) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(require(workflow, "workflow"));
    const std::string* wanted = workflow->files.wanted();
    return hand_out(wanted != nullptr ? std::string_view(*wanted) : std::string_view(), path);
  });
}

hearth_status hearth_workflow_add(hearth_workflow* workflow, const char* events_json, size_t size) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(require_wanted(workflow));
    HEARTH_ASSIGN(const ordered_json events, json_of(events_json, size, "events"));
    return workflow->files.add(events);
  });
}

hearth_status hearth_workflow_refuse(hearth_workflow* workflow, const char* reason) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(require_wanted(workflow));
    HEARTH_TRY(require(reason, "reason"));
    return workflow->files.refuse(invalid(reason));
  });
}

hearth_status hearth_workflow_faults(const hearth_workflow* workflow, hearth_text* json) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(require(workflow, "workflow"));
    return hand_out(write_json(to_json(workflow->files.faults())), json);
  });
}

hearth_status hearth_workflow_info(const hearth_workflow* workflow, hearth_text* json) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(require(workflow, "workflow"));
    const Workflow* found = workflow->files.find(workflow->path);
    const Workflow none;
    const Workflow& shown = found != nullptr ? *found : none;
    return hand_out(write_json({{"name", shown.name},
                                {"description", shown.description},
                                {"inputSchema", shown.input_schema.json()},
                                {"runs", found != nullptr}}),
                    json);
  });
}

hearth_status hearth_workflow_graph(const hearth_workflow* workflow, const char* format, hearth_text* text) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(require(format, "format"));
    HEARTH_ASSIGN(const Workflow* found, runnable(workflow));
    const std::string_view wanted = format;
    if (wanted == "mermaid") return hand_out(to_mermaid(*found), text);
    if (wanted == "svg") return hand_out(to_svg(*found), text);
    return invalid(fmt::format("a workflow's picture is \"mermaid\" or \"svg\", not \"{}\"", wanted));
  });
}

void hearth_workflow_free(hearth_workflow* workflow) { delete workflow; }

hearth_status hearth_workflow_start(const hearth_workflow* workflow, const char* input_json, size_t size,
                                    hearth_workflow_run** run) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(require(run, "the output"));
    HEARTH_ASSIGN(const Workflow* found, runnable(workflow));
    HEARTH_ASSIGN(ordered_json input, json_of(input_json, size, "input"));
    HEARTH_ASSIGN(std::unique_ptr<Run> started, Run::start(*found, std::move(input)));
    *run = new hearth_workflow_run{std::move(started)};
    return {};
  });
}

hearth_status hearth_workflow_resume(const hearth_workflow* workflow, const char* json, size_t size,
                                     hearth_workflow_run** run) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(require(run, "the output"));
    HEARTH_ASSIGN(const Workflow* found, runnable(workflow));
    HEARTH_ASSIGN(const ordered_json given, json_of(json, size, "checkpoint"));
    if (!given.is_object() || !given.contains("checkpoint")) {
      return invalid("a run is taken up by {\"checkpoint\", \"changes\"}");
    }
    HEARTH_ASSIGN(std::unique_ptr<Run> resumed,
                  Run::resume(*found, given["checkpoint"], given.value("changes", ordered_json::object())));
    *run = new hearth_workflow_run{std::move(resumed)};
    return {};
  });
}

hearth_status hearth_workflow_run_advance(hearth_workflow_run* run, double now_ms, hearth_text* json) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(require(run, "run"));
    HEARTH_TRY(require(json, "the output"));
    if (!(now_ms >= 0 && now_ms <= kLatest))
      return invalid("the time must be a number of milliseconds from 0");
    std::vector<ordered_json> events = run->run->advance(static_cast<int64_t>(now_ms));
    const std::optional<int64_t> wake_at = run->run->wake_at();
    ordered_json advanced = {{"events", std::move(events)}, {"wakeAt", nullptr}};
    if (wake_at) advanced["wakeAt"] = *wake_at;
    advanced["ended"] = run->run->has_ended();
    return hand_out(write_json(advanced), json);
  });
}

hearth_status hearth_workflow_run_answer(hearth_workflow_run* run, const char* json, size_t size) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(require(run, "run"));
    HEARTH_ASSIGN(ordered_json answer, json_of(json, size, "answer"));
    return take_answer(*run->run, std::move(answer));
  });
}

void hearth_workflow_run_cancel(hearth_workflow_run* run) {
  if (run != nullptr) run->run->cancel();
}

hearth_status hearth_workflow_run_checkpoint(const hearth_workflow_run* run, hearth_text* json) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(require(run, "run"));
    return hand_out(write_json(run->run->checkpoint()), json);
  });
}

void hearth_workflow_run_free(hearth_workflow_run* run) { delete run; }
