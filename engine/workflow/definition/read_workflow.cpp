#include "engine/workflow/definition/read_workflow.h"

#include <fmt/format.h>

#include <map>

#include "engine/workflow/definition/reader.h"

namespace hearth::workflow {
namespace {

using nlohmann::ordered_json;

constexpr int64_t kMost = int64_t{1} << 53;

class WorkflowReader {
 public:
  WorkflowReader(const Element& document, Reader& reader)
      : document_(document), reader_(reader), fields_(document, "a workflow", reader.faults) {}

  Workflow read() {
    workflow_.name = fields_.text({"name"}).value_or("");
    workflow_.description = fields_.text({"description"}).value_or("");
    fields_.pass_over({"version", "author", "metadata", "tags", "license", "config", "edges"});
    read_values("variables", workflow_.variables);
    read_values("initial_state", workflow_.initial_state);
    if (const Element* schema = fields_.value({"state_schema"}))
      workflow_.state_schema = read_schema(*schema, reader_);
    if (const Element* schema = fields_.value({"input_schema"}))
      workflow_.input_schema = read_schema(*schema, reader_);
    read_settings();
    read_limits();
    read_graph();
    read_config();
    read_outputs();
    for (const std::string_view key : {"imports", "secrets", "endpoint"}) refuse(key);
    fields_.finish();
    check_reads(workflow_, reader_);
    return std::move(workflow_);
  }

 private:
  Faults& faults() { return reader_.faults; }

  /// Where settings may be anything.
  void read_values(std::string_view key, ordered_json& values) {
    const Element* given = fields_.value({key});
    if (given == nullptr) return;
    if (given->is_object()) {
      values = given->json();
    } else {
      faults().error("wrong-type", given->place,
                     fmt::format("`{}` is an object, not {}", key, given->described()));
    }
  }
  void refuse(std::string_view key) {
    const Element* given = fields_.value({key});
    if (given == nullptr) return;
    faults().add(
        Severity::kUnsupported, "unsupported-key", given->place,
        fmt::format(
            "`{}` is not read: functions are registered by the program that runs the workflow, and values "
            "are given with its input",
            key));
  }

  void read_settings();
  void read_limits();
  void read_graph();
  void read_config();
  void read_outputs();

  const Element& document_;
  Reader& reader_;
  Fields fields_;
  Workflow workflow_;
};

void WorkflowReader::read_settings() {
  static const std::map<std::string, MergeStrategy> kStrategies = {
      {"isolated", MergeStrategy::kIsolated},
      {"last_write_wins", MergeStrategy::kLastWriteWins},
      {"merge_deep", MergeStrategy::kMergeDeep},
      {"fail_on_conflict", MergeStrategy::kFailOnConflict}};
  const Element* settings = fields_.value({"settings"});
  if (settings == nullptr) return;
  Fields fields(*settings, "the settings", faults());
  if (const Element* llm = fields.value({"llm"})) workflow_.llm = llm->json();
  if (const Element* parallel = fields.value({"parallel"})) {
    Fields of(*parallel, "the settings of parallel branches", faults());
    if (const auto strategy = of.text({"merge_strategy"})) {
      const auto named = kStrategies.find(*strategy);
      if (named == kStrategies.end()) {
        faults().error(
            "wrong-value", parallel->place,
            fmt::format("'{}' is none of isolated, last_write_wins, merge_deep and fail_on_conflict",
                        *strategy));
      } else {
        workflow_.merge_strategy = named->second;
      }
    }
    workflow_.limits.max_concurrency =
        of.whole({"max_concurrency", "max_workers"}, 1, kMost).value_or(workflow_.limits.max_concurrency);
    of.pass_over({"strategy"});  // threads, processes or machines: here all branches share one batch
    of.finish();
  }
  // What other engines are told; actions that need it say so by themselves.
  for (const Element::Member& member : settings->members) {
    if (member.key != "llm" && member.key != "parallel") fields.pass_over({member.key});
  }
  fields.finish();
}

void WorkflowReader::read_limits() {
  const Element* given = fields_.value({"limits"});
  if (given == nullptr) return;
  Fields fields(*given, "the limits", faults());
  RunLimits& limits = workflow_.limits;
  limits.max_steps = fields.whole({"max_steps"}, 1, kMost).value_or(limits.max_steps);
  limits.max_tokens = fields.whole({"max_tokens"}, 0, kMost).value_or(limits.max_tokens);
  limits.timeout_ms = fields.whole({"timeout_ms"}, 0, kMost).value_or(limits.timeout_ms);
  limits.max_concurrency = fields.whole({"max_concurrency"}, 1, kMost).value_or(limits.max_concurrency);
  fields.finish();
}

void WorkflowReader::read_graph() {
  const Element* nodes = fields_.value({"nodes"});
  if (nodes == nullptr) {
    faults().error("missing-key", document_.place, "a workflow has `nodes`, a list of what it does");
    return;
  }
  workflow_.graph = read_nodes(*nodes, "nodes", reader_);
  if (const Element* edges = document_.find("edges");
      edges != nullptr && !edges->is_null() && !edges->items.empty()) {
    read_edges(*edges, workflow_.graph, reader_);
  } else {
    route_in_order(workflow_.graph);
  }
  check_graph(workflow_.graph, reader_);
}

void WorkflowReader::read_config() {
  const Element* config = document_.find("config");
  if (config == nullptr || config->is_null()) return;
  Fields fields(*config, "the configuration", faults());
  fields.pass_over({"raise_exceptions", "checkpoint_dir", "max_workers", "verbose"});
  for (const auto& [key, when] :
       {std::pair<std::string_view, InterruptWhen>{"interrupt_before", InterruptWhen::kBefore},
        {"interrupt_after", InterruptWhen::kAfter}}) {
    for (const std::string& name : fields.texts({key})) {
      const auto number = workflow_.graph.numbers.find(name);
      if (number == workflow_.graph.numbers.end()) {
        faults().error("unknown-node", config->place,
                       fmt::format("`{}` names '{}', which is no node", key, name));
        continue;
      }
      Node& node = workflow_.graph.nodes[number->second];
      node.interrupt = static_cast<InterruptWhen>(static_cast<int>(node.interrupt) | static_cast<int>(when));
    }
  }
  fields.finish();
}

void WorkflowReader::read_outputs() {
  const Element* outputs = fields_.value({"outputs", "output"});
  if (outputs == nullptr) return;
  if (!outputs->is_object()) {
    faults().error("wrong-type", outputs->place,
                   "the outputs of a workflow are an object of keys and templates");
    return;
  }
  for (const auto& [key, place, value] : outputs->members)
    workflow_.outputs.emplace_back(key, reader_.pattern(value));
}

void add_files(const Graph& graph, std::vector<std::pair<std::string, Place>>& files) {
  for (const Node& node : graph.nodes) {
    const auto add_body = [&](const std::unique_ptr<Graph>& body) {
      if (body) add_files(*body, files);
    };
    if (const auto* file = std::get_if<SubWorkflow>(&node.work)) files.emplace_back(file->path, node.place);
    if (const auto* steps = std::get_if<RunSteps>(&node.work)) add_body(steps->steps);
    if (const auto* loop = std::get_if<WhileLoop>(&node.work)) add_body(loop->body);
    if (const auto* each = std::get_if<ForEach>(&node.work)) add_body(each->body);
    const auto* items = std::get_if<ParallelItems>(&node.work);
    if (items == nullptr) continue;
    if (const auto* body = std::get_if<std::unique_ptr<Graph>>(&items->body)) add_body(*body);
    if (const auto* file = std::get_if<SubWorkflow>(&items->body)) files.emplace_back(file->path, node.place);
  }
}

bool is_pipeline(const Element& document) {
  return document.is_object() && document.find("steps") != nullptr && document.find("nodes") == nullptr;
}

}  // namespace

std::vector<std::pair<std::string, Place>> files_named_by(const Graph& graph) {
  std::vector<std::pair<std::string, Place>> files;
  add_files(graph, files);
  return files;
}

Reading read_workflow(const Element& document, const std::vector<std::string>& functions) {
  Faults faults;
  Reader reader{faults, functions};
  Workflow workflow =
      is_pipeline(document) ? read_pipeline(document, reader) : WorkflowReader(document, reader).read();
  Reading reading{nullptr, faults.sorted()};
  if (faults.runs()) reading.workflow = std::make_shared<Workflow>(std::move(workflow));
  return reading;
}

}  // namespace hearth::workflow
