// A run as JSON, from which it is taken up again.
#include <fmt/format.h>

#include "engine/workflow/run/run.h"

namespace hearth::workflow {

using Json = Run::Json;

namespace {

constexpr int kVersion = 1;

/// Whole numbers that everybody's JSON holds exactly; counting on from there does not overflow.
constexpr uint64_t kMostCounted = uint64_t{1} << 53;

constexpr std::pair<Phase, std::string_view> kPhases[] = {{Phase::kArriving, "arriving"},
                                                          {Phase::kWorking, "working"},
                                                          {Phase::kRetrying, "retrying"},
                                                          {Phase::kLeaving, "leaving"},
                                                          {Phase::kBranching, "branching"}};

Error misfit(std::string_view what) {
  return {ErrorCode::kInvalidArgument, fmt::format("the checkpoint does not fit the workflow: {}", what)};
}

/// Members of a checkpoint, each of the type that it must have.
class Saved {
 public:
  explicit Saved(const Json& json) : json_(json) {}

  Result<const Json*> object(std::string_view key) const { return of_type(key, Json::value_t::object); }
  Result<const Json*> list(std::string_view key) const { return of_type(key, Json::value_t::array); }
  Result<std::string> text(std::string_view key) const {
    HEARTH_ASSIGN(const Json* value, of_type(key, Json::value_t::string));
    return value->get<std::string>();
  }
  Result<int64_t> whole(std::string_view key) const {
    const Json* value = find(key);
    if (value == nullptr || !value->is_number_integer() || *value < 0 || *value > kMostCounted)
      return misfit(fmt::format("its '{}'", key));
    return value->get<int64_t>();
  }
  bool flag(std::string_view key) const {
    const Json* value = find(key);
    return value != nullptr && value->is_boolean() && value->get<bool>();
  }
  const Json* find(std::string_view key) const {
    if (!json_.is_object()) return nullptr;
    const auto found = json_.find(key);
    return found == json_.end() ? nullptr : &*found;
  }

 private:
  Result<const Json*> of_type(std::string_view key, Json::value_t type) const {
    const Json* value = find(key);
    if (value == nullptr || value->type() != type) return misfit(fmt::format("its '{}'", key));
    return value;
  }

  const Json& json_;
};

/// The graph in which a child of a task moves, or null where its work has none. A workflow of its own is told
/// by `workflow`, too.
const Graph* graph_below(const Task& task, const Workflow*& workflow) {
  if (task.phase == Phase::kBranching) return task.graph;
  const Node* node = task.graph->find(task.node);
  if (node == nullptr || task.phase != Phase::kWorking) return nullptr;
  const auto of_file = [&](const SubWorkflow& sub) -> const Graph* {
    const auto file = task.workflow->files.find(sub.path);
    if (file == task.workflow->files.end()) return nullptr;
    workflow = file->second;
    return &workflow->graph;
  };
  if (const auto* work = std::get_if<RunSteps>(&node->work)) return work->steps.get();
  if (const auto* work = std::get_if<WhileLoop>(&node->work)) return work->body.get();
  if (const auto* work = std::get_if<ForEach>(&node->work)) return work->body.get();
  if (const auto* work = std::get_if<SubWorkflow>(&node->work)) return of_file(*work);
  const auto* items = std::get_if<ParallelItems>(&node->work);
  if (items == nullptr) return nullptr;
  const auto* body = std::get_if<std::unique_ptr<Graph>>(&items->body);
  return body == nullptr ? of_file(std::get<SubWorkflow>(items->body)) : body->get();
}

}  // namespace

Json Run::to_json(const Task& task) {
  Json json = {{"node", task.node}, {"index", task.index}};
  for (const auto& [phase, name] : kPhases) {
    if (phase == task.phase) json["phase"] = name;
  }
  json["attempt"] = task.attempt;
  json["interrupted"] = task.is_interrupted;
  json["base"] = Json::array();  // the keys that are as they were when it began
  for (const auto& [key, value] : task.base.entries()) {
    if (task.state.find(key) == value.get()) json["base"].push_back(key);
  }
  json["state"] = task.state.json();
  json["locals"] = task.locals.json();
  json["items"] = task.items;
  json["turn"] = task.turn;
  json["results"] = Json::array();
  for (const BranchResult& result : task.results) {
    json["results"].push_back(
        {{"ended", result.has_ended}, {"changes", result.changes.json()}, {"error", result.error}});
  }
  json["children"] = Json::array();
  for (const auto& child : task.children) json["children"].push_back(to_json(*child));
  return json;
}

Json Run::checkpoint() const {
  return {{"version", kVersion},
          {"workflow", workflow_.name},
          {"steps", steps_},
          {"usage",
           {{"calls", usage_.calls},
            {"promptTokens", usage_.prompt_tokens},
            {"completionTokens", usage_.completion_tokens}}},
          {"task", to_json(*main_)}};
}

Result<void> Run::read_task(const Json& json, Task& task) {
  const Saved saved(json);
  HEARTH_ASSIGN(task.node, saved.text("node"));
  if (task.node == kEnd && task.parent == nullptr)
    return Error{ErrorCode::kInvalidArgument, "the run of the checkpoint has ended: nothing is left to do"};
  if (task.node != kStart && node_of(task) == nullptr)
    return misfit(fmt::format("there is no node '{}'", task.node));
  HEARTH_ASSIGN(const std::string phase, saved.text("phase"));
  for (const auto& [known, name] : kPhases) {
    if (name == phase) task.phase = known;
  }
  if (task.node == kStart && task.phase != Phase::kLeaving && task.phase != Phase::kBranching)
    return misfit("its 'phase'");
  HEARTH_ASSIGN(task.attempt, saved.whole("attempt"));
  HEARTH_ASSIGN(const int64_t index, saved.whole("index"));
  HEARTH_ASSIGN(const Json* state, saved.object("state"));
  HEARTH_ASSIGN(const Json* locals, saved.object("locals"));
  HEARTH_ASSIGN(const Json* base, saved.list("base"));
  HEARTH_ASSIGN(const Json* children, saved.list("children"));
  HEARTH_ASSIGN(const Json* results, saved.list("results"));
  HEARTH_ASSIGN(const int64_t turn, saved.whole("turn"));
  task.index = static_cast<size_t>(index);
  task.turn = static_cast<size_t>(turn);
  task.state = State(*state);
  task.locals = State(*locals);
  for (const auto& [key, value] : task.state.entries()) {
    if (std::find(base->begin(), base->end(), key) != base->end()) task.base.set(key, value);
  }
  if (const Json* items = saved.find("items")) task.items = *items;
  if (!task.items.is_null() && (!task.items.is_array() || task.turn > task.items.size()))
    return misfit("its 'items'");
  for (const Json& result : *results) {
    const Saved of(result);
    HEARTH_ASSIGN(const Json* changes, of.object("changes"));
    const Json* error = of.find("error");
    task.results.push_back({of.flag("ended"), State(*changes), error == nullptr ? Json() : *error});
  }
  const bool is_branching = task.phase == Phase::kBranching;
  if (is_branching && join_of(task).empty()) return misfit("its 'phase'");  // no branches begin there
  if (is_branching || !task.results.empty()) {
    if (task.items.size() != task.results.size()) return misfit("its 'items'");
    for (const Json& head : task.items) {
      if (is_branching &&
          (!head.is_string() || (head != kEnd && task.graph->find(head.get<std::string>()) == nullptr))) {
        return misfit("its 'items'");
      }
    }
  }
  task.passed_interrupt = saved.flag("interrupted") && task.phase == Phase::kArriving;
  const Workflow* workflow = task.workflow;
  const Graph* below = children->empty() ? nullptr : graph_below(task, workflow);
  if (below == nullptr) {
    // Work that had not ended begins anew, however much of it was done.
    if (task.phase == Phase::kWorking) task.phase = Phase::kRetrying;
    if (task.phase == Phase::kBranching) return misfit("branches without a task");
    ready(task);
    return {};
  }
  const Node* node = node_of(task);
  const bool has_branches =
      is_branching || (node != nullptr && std::holds_alternative<ParallelItems>(node->work));
  for (const Json& saved_child : *children) {
    Task& child = add_child(task, *below);
    child.base = State();
    child.workflow = workflow;
    if (task.phase == Phase::kBranching) child.stop_at = join_of(task);
    HEARTH_TRY(read_task(saved_child, child));
    if (has_branches && child.index >= task.results.size()) return misfit("more branches than there were");
  }
  return {};
}

Result<std::unique_ptr<Run>> Run::resume(const Workflow& workflow, const Json& checkpoint, Json changes) {
  if (!changes.is_object()) return Error{ErrorCode::kInvalidArgument, "the changes to a state are an object"};
  const Saved saved(checkpoint);
  HEARTH_ASSIGN(const int64_t version, saved.whole("version"));
  if (version != kVersion)
    return misfit(fmt::format("it has the version {}, and this is {}", version, kVersion));
  HEARTH_ASSIGN(const Json* task, saved.object("task"));
  std::unique_ptr<Run> run(new Run(workflow));
  HEARTH_ASSIGN(run->steps_, saved.whole("steps"));
  if (const Json* usage = saved.find("usage")) {
    const Saved of(*usage);
    HEARTH_ASSIGN(run->usage_.calls, of.whole("calls"));
    HEARTH_ASSIGN(run->usage_.prompt_tokens, of.whole("promptTokens"));
    HEARTH_ASSIGN(run->usage_.completion_tokens, of.whole("completionTokens"));
  }
  run->main_ = std::make_unique<Task>();
  run->main_->id = run->next_id_++;
  run->main_->workflow = &workflow;
  run->main_->graph = &workflow.graph;
  run->tasks_.emplace(run->main_->id, run->main_.get());
  HEARTH_TRY(run->read_task(*task, *run->main_));
  for (auto& [id, changed] : run->tasks_) {
    if (changed->workflow != &workflow) continue;
    for (auto entry = changes.begin(); entry != changes.end(); ++entry)
      changed->state.set(entry.key(), entry.value());
  }
  return run;
}

}  // namespace hearth::workflow
