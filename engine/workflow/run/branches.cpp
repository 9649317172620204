// Tasks that run at once, as branches behind a node or for the items of one, and what becomes of their
// states.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/workflow/run/run.h"

namespace hearth::workflow {

using Json = Run::Json;

namespace {

/// The keys that a task set since it began.
State changes_of(const Task& task) {
  State changes;
  for (const auto& [key, value] : task.state.entries()) {
    if (task.base.find(key) != value.get()) changes.set(key, value);
  }
  return changes;
}

/// Objects member by member, whatever else there is by the later one.
void merge_deep(Json& into, const Json& from) {
  if (!into.is_object() || !from.is_object()) {
    into = from;
    return;
  }
  for (auto entry = from.begin(); entry != from.end(); ++entry) merge_deep(into[entry.key()], entry.value());
}

}  // namespace

void Run::branch(Task& task, std::vector<std::string> heads) {
  task.phase = Phase::kBranching;
  task.items = std::move(heads);
  task.results.assign(task.items.size(), {});
  task.turn = 0;
  emit("branches_started", {{"node", task.node}, {"task", task.id}, {"branches", task.items}});
  begin_branches(task);
}

const std::string& Run::join_of(const Task& task) const {
  const Node* node = node_of(task);
  return node == nullptr ? task.graph->join : node->join;
}

/// As many as may run at once; the next ones begin when these end.
void Run::begin_branches(Task& task) {
  const bool is_branching = task.phase == Phase::kBranching;
  const auto* work = is_branching ? nullptr : &std::get<ParallelItems>(node_of(task)->work);
  auto most = static_cast<size_t>(workflow_.limits.max_concurrency);
  if (work != nullptr && work->max_concurrency > 0)
    most = std::min(most, static_cast<size_t>(work->max_concurrency));
  while (task.children.size() < most && task.turn < task.items.size()) {
    const size_t index = task.turn++;
    const auto* body = work == nullptr ? nullptr : std::get_if<std::unique_ptr<Graph>>(&work->body);
    Task& child = add_child(task, body == nullptr ? *task.graph : **body);
    child.index = index;
    if (is_branching) {
      child.stop_at = join_of(task);
      go_to(child, task.items[index].get<std::string>());
      continue;
    }
    child.state.set(work->index_name, Json(index));
    child.state.set(work->item_name, task.items[index]);
    child.base = child.state;
    if (body == nullptr) {
      Result<void> entered = enter(child, std::get<SubWorkflow>(work->body), task);
      if (!entered.ok()) return fail(task, std::move(entered).error());
    }
    ready(child);
  }
}

void Run::branch_ended(Task& task, Task& child, Json error) {
  BranchResult& result = task.results[child.index];
  result.has_ended = true;
  result.changes = changes_of(child);
  result.error = std::move(error);
  const bool has_failed = !result.error.is_null();
  emit("branch_ended",
       {{"node", task.node}, {"task", task.id}, {"index", child.index}, {"error", result.error}});
  remove(child);
  const auto* work =
      task.phase == Phase::kBranching ? nullptr : &std::get<ParallelItems>(node_of(task)->work);
  if (has_failed && work != nullptr && work->fail_fast) {
    return fail(task, {ErrorCode::kInvalidArgument, fmt::format("item {} failed: {}", child.index,
                                                                result.error["message"].get<std::string>())});
  }
  if (task.turn < task.items.size()) return begin_branches(task);
  if (task.children.empty()) join(task);
}

void Run::join(Task& task) {
  const bool is_branching = task.phase == Phase::kBranching;
  Json results = Json::array();
  for (size_t i = 0; i < task.results.size(); ++i) {
    const BranchResult& result = task.results[i];
    if (is_branching) {
      results.push_back(result.changes.json());
    } else {
      results.push_back({{"index", i},
                         {"source_node", task.node},
                         {"success", result.error.is_null()},
                         {"state", result.changes.json()},
                         {"error", result.error}});
    }
  }
  task.locals.set("parallel_results", results);
  if (!is_branching) {
    task.results.clear();
    if (node_of(task)->output.key.empty() && node_of(task)->output.mapped.empty()) {
      return succeed(task, {{"parallel_results", std::move(results)}});
    }
    return succeed(task, std::move(results));
  }
  Result<State> state = merged(task);
  if (!state.ok()) return give_up(task, placed(task, std::move(state).error()));
  task.state = *std::move(state);
  task.results.clear();
  task.items = nullptr;
  const std::string join = join_of(task);
  go_to(task, join);
}

/// The state behind branches, which come in the order in which they are written, however long each took.
Result<State> Run::merged(const Task& task) const {
  const MergeStrategy strategy = task.workflow->merge_strategy;
  State state = task.state;
  if (strategy == MergeStrategy::kIsolated) return state;
  std::map<std::string, size_t> writers;
  for (size_t i = 0; i < task.results.size(); ++i) {
    for (const auto& [key, value] : task.results[i].changes.entries()) {
      const auto [writer, is_first] = writers.emplace(key, i);
      const Json* before = state.find(key);
      if (!is_first && strategy == MergeStrategy::kFailOnConflict && *before != *value) {
        return Error{ErrorCode::kInvalidArgument,
                     fmt::format("its branches '{}' and '{}' set '{}' to different values",
                                 task.items[writer->second].get<std::string>(),
                                 task.items[i].get<std::string>(), key)};
      }
      if (strategy == MergeStrategy::kMergeDeep && before != nullptr) {
        Json merged = *before;
        merge_deep(merged, *value);
        state.set(key, std::move(merged));
      } else {
        state.set(key, value);
      }
    }
  }
  return state;
}

}  // namespace hearth::workflow
