// A node from its beginning to its end: what comes before its work, what becomes of its result, where control
// goes then.
#include <fmt/format.h>

#include <algorithm>

#include "engine/workflow/run/run.h"

namespace hearth::workflow {

using Json = Run::Json;

namespace {

bool includes(InterruptWhen asked, InterruptWhen when) {
  return (static_cast<int>(asked) & static_cast<int>(when)) != 0;
}

Json json_of(const Error& error) {
  return {{"code", error_code_name(error.code)}, {"message", error.message}};
}

/// base * 2^attempt, at most the longest; with jitter between half of that and all, by a number that is the
/// same each time for the same task and attempt (SplitMix64).
int64_t backoff(const ErrorPolicy& policy, uint64_t task, int64_t attempt) {
  int64_t wait = policy.backoff_base_ms;
  for (int64_t i = 0; i < attempt && wait < policy.backoff_max_ms; ++i) wait *= 2;
  wait = std::min(wait, policy.backoff_max_ms);
  if (!policy.jitter) return wait;
  uint64_t mixed = (task << 16 | static_cast<uint64_t>(attempt)) * 0x9E3779B97F4A7C15;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
  mixed ^= mixed >> 31;
  return wait / 2 + static_cast<int64_t>(mixed % static_cast<uint64_t>(wait / 2 + 1));
}

}  // namespace

void Run::step(Task& task) {
  if (task.is_interrupted) return;
  switch (task.phase) {
    case Phase::kArriving:
      return arrive(task);
    case Phase::kRetrying:
      return begin_work(task);
    case Phase::kLeaving:
      return leave(task);
    case Phase::kWorking:
    case Phase::kBranching:
      return;  // what they wait for calls them
  }
}

void Run::arrive(Task& task) {
  const Node& node = *node_of(task);
  if (stops_for_interrupt(task, InterruptWhen::kBefore)) return;
  if (++steps_ > workflow_.limits.max_steps) {
    return give_up(
        task, {ErrorCode::kInvalidArgument,
               fmt::format("the workflow has more than {} steps; look for a loop that never ends, or raise "
                           "limits.max_steps",
                           workflow_.limits.max_steps)});
  }
  task.attempt = 0;
  if (node.when) {
    Result<bool> holds = node.when->source.holds(names_of(task));
    if (!holds.ok()) return fail(task, std::move(holds).error());
    if (!*holds) {
      emit("node_skipped", {{"node", node.name}, {"task", task.id}});
      task.phase = Phase::kLeaving;
      return ready(task);
    }
  }
  begin_work(task);
}

void Run::begin_work(Task& task) {
  const Node& node = *node_of(task);
  task.phase = Phase::kWorking;
  task.deadline = node.timeout_ms > 0 ? now_ + node.timeout_ms : -1;
  task.turn = 0;
  task.items = nullptr;
  task.results.clear();
  emit("node_started", {{"node", node.name}, {"task", task.id}, {"attempt", task.attempt}});
  std::visit([&](const auto& work) { begin(task, work); }, node.work);
}

void Run::succeed(Task& task, Json result) {
  Result<Json> changes = changes_by(task, std::move(result));
  if (!changes.ok()) return fail(task, std::move(changes).error());
  if (Result<void> kept = task.workflow->state_schema.check_members(*changes, "state"); !kept.ok()) {
    return fail(task, std::move(kept).error());
  }
  for (auto entry = changes->begin(); entry != changes->end(); ++entry)
    task.state.set(entry.key(), entry.value());
  emit("node_finished", {{"node", task.node}, {"task", task.id}, {"changes", *std::move(changes)}});
  task.phase = Phase::kLeaving;
  task.deadline = -1;
  if (!stops_for_interrupt(task, InterruptWhen::kAfter)) ready(task);
}

Result<Json> Run::changes_by(const Task& task, Json result) const {
  const Output& output = node_of(task)->output;
  Json changes = Json::object();
  if (!output.mapped.empty()) {
    Names names = names_of(task);
    names.others.emplace_back("result", &result);
    names.others.emplace_back("action_result", &result);
    for (const auto& [key, pattern] : output.mapped) {
      HEARTH_ASSIGN(changes[key], pattern.value(names));
    }
  } else if (!output.key.empty()) {
    changes[output.key] = std::move(result);
  } else if (result.is_object()) {
    changes = std::move(result);
  } else if (!result.is_null()) {
    changes["result"] = std::move(result);
  }
  return changes;
}

bool Run::stops_for_interrupt(Task& task, InterruptWhen when) {
  if (std::exchange(task.passed_interrupt, false) || !includes(node_of(task)->interrupt, when)) return false;
  task.is_interrupted = true;
  emit("interrupt", {{"node", task.node},
                     {"task", task.id},
                     {"when", when == InterruptWhen::kBefore ? "before" : "after"},
                     {"state", task.state.json()}});
  return true;
}

void Run::fail(Task& task, Error error) {
  error = placed(task, std::move(error));
  cancel_below(task);
  const Node& node = *node_of(task);
  const ErrorPolicy& policy = node.policy;
  if (task.attempt < policy.max_retries) {
    const int64_t wait = backoff(policy, task.id, task.attempt++);
    task.phase = Phase::kRetrying;
    task.wake_at = now_ + wait;
    return emit("retry", {{"node", node.name},
                          {"task", task.id},
                          {"attempt", task.attempt},
                          {"wait", wait},
                          {"error", json_of(error)}});
  }
  const bool is_made_up = policy.on_failure != ErrorPolicy::OnFailure::kFail;
  emit("node_failed",
       {{"node", node.name}, {"task", task.id}, {"error", json_of(error)}, {"handled", is_made_up}});
  if (!is_made_up) return give_up(task, error);
  task.locals.set("error", json_of(error));
  if (policy.on_failure == ErrorPolicy::OnFailure::kGoTo) return go_to(task, policy.fallback);
  task.phase = Phase::kLeaving;
  ready(task);
}

void Run::give_up(Task& task, const Error& error) {
  cancel_below(task);
  if (task.parent == nullptr) return end_run("error", {{"error", json_of(error)}});
  Task& parent = *task.parent;
  const bool is_one_of_items =
      parent.phase == Phase::kWorking && std::holds_alternative<ParallelItems>(node_of(parent)->work);
  if (is_one_of_items) return branch_ended(parent, task, json_of(error));
  if (parent.phase == Phase::kBranching) return give_up(parent, error);
  fail(parent, error);
}

void Run::leave(Task& task) {
  const Node* node = node_of(task);
  const std::vector<Route>& routes = node == nullptr ? task.graph->start : node->routes;
  const Names names = names_of(task);
  std::vector<std::string> others;
  for (const Route& route : routes) {
    if (!route.condition) {
      others.push_back(route.to);
      continue;
    }
    Result<bool> holds = route.condition->source.holds(names);
    if (!holds.ok()) {
      Error error = std::move(holds).error();
      error.message = fmt::format("the condition of its way to '{}': {}", route.to, error.message);
      return give_up(task, placed(task, std::move(error)));
    }
    if (*holds) return go_to(task, route.to);
  }
  if (others.size() > 1) return branch(task, std::move(others));
  go_to(task, others.empty() ? std::string(kEnd) : others.front());
}

void Run::go_to(Task& task, const std::string& target) {
  task.node = target;
  task.phase = Phase::kArriving;
  if (target == kEnd || target == task.stop_at) return end(task);
  ready(task);
}

void Run::end(Task& task) {
  if (task.parent == nullptr) {
    Result<Json> output = outcome_of(task);
    if (!output.ok()) return end_run("error", {{"error", json_of(std::move(output).error())}});
    return end_run("done", {{"output", *std::move(output)}, {"state", task.state.json()}});
  }
  Task& parent = *task.parent;
  if (parent.phase == Phase::kBranching) return branch_ended(parent, task, nullptr);
  continue_after(parent, task);
}

}  // namespace hearth::workflow
