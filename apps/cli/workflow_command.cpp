// hearth workflow: workflows in YAML, run, checked and drawn.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "apps/cli/commands.h"
#include "apps/cli/console.h"
#include "apps/cli/input.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/model_options.h"
#include "apps/cli/workflow_host.h"
#include "apps/cli/workflow_screen.h"
#include "apps/workflow/library.h"
#include "apps/workflow/run_error.h"
#include "engine/base/atomic_file.h"
#include "engine/base/escaped.h"
#include "engine/text/json_text.h"
#include "engine/workflow/graph/graph.h"
#include "engine/workflow/run/run.h"

namespace hearth::cli {
namespace {

using nlohmann::ordered_json;
using workflow::Library;
using workflow::Run;
using workflow::Workflow;

struct WorkflowOptions {
  std::vector<std::string> files;
  ModelOptions model;
  std::string input = "{}";
  std::string checkpoint, store;
  std::vector<std::string> origins;
  bool json = false;
  bool svg = false;
};

Result<void> show_faults(const Library& library, bool as_json) {
  if (as_json) return put_json({{"faults", to_json(library.faults())}});
  for (const auto& [file, faults] : library.faults()) {
    HEARTH_TRY(put_untrusted(workflow::to_text(faults, file)));
  }
  return {};
}

/// The workflow, or leaves: its faults are shown, and the exit code is 2.
Result<const Workflow*> load(Library& library, const std::string& file) {
  HEARTH_ASSIGN(const Workflow* workflow, library.load(file));
  if (workflow != nullptr) return workflow;
  for (const auto& [name, faults] : library.faults()) {
    fmt::print(stderr, "{}", escaped(workflow::to_text(faults, name), Unescaped::kPrintableOrSpace));
  }
  throw CLI::RuntimeError(kExitUsage);
}

Result<void> write_checkpoint(const std::string& path, const std::string& file, const Run& run) {
  // Whoever goes on may do so from another folder.
  const std::string path_of_file = std::filesystem::absolute(file).string();
  const std::string text = write_json({{"file", path_of_file}, {"checkpoint", run.checkpoint()}});
  HEARTH_ASSIGN(AtomicFile saved, AtomicFile::create(path, std::filesystem::perms(0600)));
  HEARTH_TRY(saved.append(std::as_bytes(std::span(text))));
  return saved.commit();
}

Result<WorkflowHost::Services> services_of(const WorkflowOptions& options) {
  for (const std::string& origin : options.origins) HEARTH_TRY(workflow::origin_of(origin));
  WorkflowHost::Services services{std::nullopt, {options.origins, "--allow-origin"}};
  if (!options.store.empty()) services.store.emplace(options.store);
  return services;
}

/// Drives a run and shows what comes of it.
Result<void> drive(Run& run, const std::string& file, const WorkflowOptions& options) {
  catch_interrupts();
  WorkflowScreen screen;
  const WorkflowHost::Tell tell = [&](const ordered_json& event) {
    if (options.json) return put_json(event);
    screen.show(event);
    return Result<void>();
  };
  const WorkflowHost::Keep keep = [&](const Run& kept) {
    return options.checkpoint.empty() ? Result<void>() : write_checkpoint(options.checkpoint, file, kept);
  };
  HEARTH_ASSIGN(const WorkflowHost::Services services, services_of(options));
  WorkflowHost host(options.model, services, tell, keep);
  HEARTH_ASSIGN(const ordered_json last, host.drive(run));
  if (last["event"] == "error") return workflow::error_of(last);
  if (options.json) return {};
  if (last["event"] == "interrupted") {
    fmt::print(stderr, "stopped for somebody to look; go on with: hearth workflow resume {}\n",
               options.checkpoint.empty() ? "CHECKPOINT (see --checkpoint)" : options.checkpoint);
    return put_json(last["state"], 2);
  }
  return put_json(last["output"], 2);
}

/// JSON from the command line, or from a file where it begins with @.
Result<ordered_json> read_object(const std::string& text, std::string_view name) {
  HEARTH_ASSIGN(ordered_json json,
                text.starts_with('@') ? read_json(text.substr(1)) : parse_json(text, name));
  if (!json.is_object()) {
    return Error{ErrorCode::kInvalidArgument, fmt::format("{} must be a JSON object", name)};
  }
  return json;
}

Result<void> run_file(const WorkflowOptions& options) {
  HEARTH_ASSIGN(ordered_json input, read_object(options.input, "--input"));
  Library library(read_input);
  HEARTH_ASSIGN(const Workflow* workflow, load(library, options.files.front()));
  HEARTH_ASSIGN(const std::unique_ptr<Run> run, Run::start(*workflow, std::move(input)));
  return drive(*run, options.files.front(), options);
}

Result<void> resume(WorkflowOptions options) {
  HEARTH_ASSIGN(ordered_json changes, read_object(options.input, "--state"));
  options.checkpoint = options.files.front();
  HEARTH_ASSIGN(const ordered_json saved, read_json(options.checkpoint));
  if (!saved.is_object() || !saved.contains("file") || !saved["file"].is_string() ||
      !saved.contains("checkpoint")) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{} is no checkpoint of a workflow", options.checkpoint)};
  }
  const auto file = saved["file"].get<std::string>();
  Library library(read_input);
  HEARTH_ASSIGN(const Workflow* workflow, load(library, file));
  HEARTH_ASSIGN(const std::unique_ptr<Run> run,
                Run::resume(*workflow, saved["checkpoint"], std::move(changes)));
  return drive(*run, file, options);
}

Result<bool> validate(const WorkflowOptions& options) {
  Library library(read_input);
  bool runs = true;
  for (const std::string& file : options.files) {
    const Result<const Workflow*> workflow = library.load(file);
    if (!workflow.ok()) print_error(workflow.error().code, workflow.error().message);
    runs = runs && workflow.ok() && *workflow != nullptr;
  }
  HEARTH_TRY(show_faults(library, options.json));
  return runs;
}

Result<void> draw(const WorkflowOptions& options) {
  Library library(read_input);
  HEARTH_ASSIGN(const Workflow* workflow, load(library, options.files.front()));
  return put(options.svg ? workflow::to_svg(*workflow) : workflow::to_mermaid(*workflow));
}

CLI::App* add(CLI::App& app, const std::string& name, const std::string& help,
              const std::shared_ptr<WorkflowOptions>& options, const std::string& file) {
  CLI::App* command = app.add_subcommand(name, help);
  command->add_option("file", options->files, file)->required()->expected(1);
  return command;
}

void add_services(CLI::App& command, WorkflowOptions& options) {
  command.add_option("--store", options.store,
                     "Folder that keeps what workflows store; without it, nothing is kept");
  command
      .add_option("--allow-origin", options.origins,
                  "A server that the workflow may ask, such as https://api.example.org; may be given several "
                  "times. Without it, none is asked")
      ->allow_extra_args(false);
}

void add_run(CLI::App& app) {
  const auto options = std::make_shared<WorkflowOptions>();
  CLI::App* command = add(app, "run", "Run a workflow", options, "The workflow's YAML file");
  command->add_option("--input", options->input,
                      "What the run begins with: a JSON object, or @FILE with one");
  command->add_option(
      "--checkpoint", options->checkpoint,
      "File that keeps where the run is, written whenever a node has ended; 'resume' goes on from it");
  command->add_flag("--json", options->json, "Print events, a JSON object a line");
  command->add_option(
      "--model", options->model.path,
      "GGUF file of the model that answers whatever name a node has for it; the bundled one by default");
  add_services(*command, *options);
  add_model_options(*command, options->model);
  command->callback([options] { leave_on_error(run_file(*options)); });
}

void add_resume(CLI::App& app) {
  const auto options = std::make_shared<WorkflowOptions>();
  CLI::App* command =
      add(app, "resume", "Go on with a run from its checkpoint", options, "The file of --checkpoint");
  command->add_option("--state", options->input, "Changes to the state: a JSON object, or @FILE with one");
  command->add_flag("--json", options->json, "Print events, a JSON object a line");
  command->add_option("--model", options->model.path, "As of 'run'");
  add_services(*command, *options);
  add_model_options(*command, options->model);
  command->callback([options] { leave_on_error(resume(*options)); });
}

void add_validate(CLI::App& app) {
  const auto options = std::make_shared<WorkflowOptions>();
  CLI::App* command = app.add_subcommand("validate", "Tell all that is wrong with workflows");
  command->add_option("files", options->files, "YAML files")->required();
  command->add_flag(
      "--json", options->json,
      "Print {\"faults\": [{\"severity\", \"rule\", \"line\", \"column\", \"message\", \"file\"}]}");
  command->footer("Exit codes: 0 they can run, whatever warnings there are, 1 they cannot.");
  command->callback([options] {
    const Result<bool> runs = validate(*options);
    if (!runs.ok()) leave_on_error(runs.error());
    if (!*runs) throw CLI::RuntimeError(kExitFailure);
  });
}

void add_graph(CLI::App& app) {
  const auto options = std::make_shared<WorkflowOptions>();
  CLI::App* command =
      add(app, "graph", "Draw a workflow, as a flowchart of Mermaid's", options, "The workflow's YAML file");
  command->add_flag("--svg", options->svg, "As a drawing in SVG");
  command->callback([options] { leave_on_error(draw(*options)); });
}

}  // namespace

void add_workflow_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("workflow", "Run, check and draw workflows in YAML");
  command->require_subcommand(1);
  add_run(*command);
  add_resume(*command);
  add_validate(*command);
  add_graph(*command);
  command->footer(
      "Examples:\n"
      "  hearth workflow validate ask.yaml\n"
      "  hearth workflow run ask.yaml --input '{\"question\": \"What is 2+2?\"}'\n"
      "  hearth workflow graph ask.yaml --svg > ask.svg");
}

}  // namespace hearth::cli
