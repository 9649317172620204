#include "engine/workflow/run/run.h"

#include <fmt/format.h>

#include <algorithm>

namespace hearth::workflow {

using Json = Run::Json;

namespace {

/// Nodes that one advance() begins at most, so that a host has a look in between.
constexpr size_t kStepsAtOnce = 256;

}  // namespace

Result<std::unique_ptr<Run>> Run::start(const Workflow& workflow, Json input) {
  HEARTH_ASSIGN(State state, first_state(workflow, std::move(input)));
  std::unique_ptr<Run> run(new Run(workflow));
  run->main_ = std::make_unique<Task>();
  Task& task = *run->main_;
  task.id = run->next_id_++;
  task.workflow = &workflow;
  task.graph = &workflow.graph;
  task.state = std::move(state);
  run->tasks_.emplace(task.id, &task);
  run->ready(task);
  return run;
}

/// What a run of the workflow begins with.
Result<State> Run::first_state(const Workflow& workflow, Json input) {
  if (!input.is_object()) return Error{ErrorCode::kInvalidArgument, "the input of a workflow is an object"};
  workflow.input_schema.fill_in(input);
  State state(workflow.initial_state);
  for (auto entry = input.begin(); entry != input.end(); ++entry) state.set(entry.key(), entry.value());
  // What the file itself gives need not be given again.
  if (workflow.input_schema.exists()) HEARTH_TRY(workflow.input_schema.check(state.json(), "input"));
  HEARTH_TRY(workflow.state_schema.check_members(input, "state"));
  if (workflow.has_input_name && !input.contains("input"))
    state.set("input", input.size() == 1 ? input.begin().value() : input);
  return state;
}

std::vector<Json> Run::advance(int64_t now_ms) {
  now_ = std::max(now_, now_ms);
  if (began_at_ < 0) {
    began_at_ = now_;
    emit("run_started", {{"workflow", workflow_.name}});
  }
  if (is_cancelled_ && !has_ended_) {
    end_run("error", {{"error", {{"code", "ABORTED"}, {"message", "the run was cancelled"}}}});
  }
  take_answers();
  check_time();
  for (size_t steps = 0; steps < kStepsAtOnce && !ready_.empty() && !has_ended_; ++steps) {
    const auto task = tasks_.find(ready_.front());
    ready_.pop_front();
    if (task != tasks_.end()) step(*task->second);
    removed_.clear();
  }
  if (!has_ended_ && ready_.empty() && !is_waiting())
    end_run("interrupted", {{"state", main_->state.json()}});
  return std::exchange(events_, {});
}

void Run::take_answers() {
  for (auto& [id, answer] : std::exchange(answers_, {})) {
    const auto call = calls_.find(id);
    if (call == calls_.end() || has_ended_) continue;
    Task& task = *call->second;
    calls_.erase(call);
    task.call = 0;
    proceed(task, std::move(answer));
    removed_.clear();
  }
}

void Run::check_time() {
  const int64_t limit = workflow_.limits.timeout_ms;
  if (limit > 0 && now_ >= began_at_ + limit && !has_ended_) {
    end_run("error", {{"error",
                       {{"code", "TIMEOUT"},
                        {"message", fmt::format("the workflow takes longer than its {} ms", limit)}}}});
  }
  std::vector<uint64_t> ids;
  for (const auto& [id, task] : tasks_) ids.push_back(id);
  for (const uint64_t id : ids) {
    const auto found = tasks_.find(id);
    if (found == tasks_.end() || has_ended_) continue;
    Task& task = *found->second;
    if (task.phase == Phase::kWorking && task.deadline >= 0 && now_ >= task.deadline) {
      fail(task,
           {ErrorCode::kTimeout, fmt::format("it takes longer than its {} ms", node_of(task)->timeout_ms)});
    } else if (task.phase == Phase::kRetrying && task.wake_at >= 0 && now_ >= task.wake_at) {
      task.wake_at = -1;
      ready(task);
    }
    removed_.clear();
  }
}

bool Run::is_waiting() const {
  return !calls_.empty() || std::any_of(tasks_.begin(), tasks_.end(), [](const auto& entry) {
    return entry.second->phase == Phase::kRetrying;
  });
}

std::optional<int64_t> Run::wake_at() const {
  if (has_ended_) return std::nullopt;
  if (!ready_.empty() || !answers_.empty()) return now_;
  std::optional<int64_t> earliest;
  const auto consider = [&](int64_t time) {
    if (time >= 0 && (!earliest || time < *earliest)) earliest = time;
  };
  for (const auto& [id, task] : tasks_) {
    consider(task->wake_at);
    if (task->phase == Phase::kWorking) consider(task->deadline);
  }
  if (workflow_.limits.timeout_ms > 0) consider(began_at_ + workflow_.limits.timeout_ms);
  return earliest;
}

void Run::emit(std::string_view event, Json members) {
  Json told = {{"event", event}};
  told.update(members);
  events_.push_back(std::move(told));
}

void Run::end_run(std::string_view event, Json members) {
  // What an interrupt stopped stays as it is, so that it can be written down.
  if (event != "interrupted") cancel_below(*main_);
  members["usage"] = {{"calls", usage_.calls},
                      {"promptTokens", usage_.prompt_tokens},
                      {"completionTokens", usage_.completion_tokens}};
  emit(event, std::move(members));
  has_ended_ = true;
}

Task& Run::add_child(Task& parent, const Graph& graph) {
  Task& child = *parent.children.emplace_back(std::make_unique<Task>());
  child.id = next_id_++;
  child.parent = &parent;
  child.workflow = parent.workflow;
  child.graph = &graph;
  child.base = child.state = parent.state;
  tasks_.emplace(child.id, &child);
  return child;
}

/// The task is gone at once, and its memory when the step is over that is at work on it.
void Run::remove(Task& child) {
  cancel_below(child);
  tasks_.erase(child.id);
  auto& siblings = child.parent->children;
  const auto place =
      std::find_if(siblings.begin(), siblings.end(), [&](const auto& s) { return s.get() == &child; });
  removed_.push_back(std::move(*place));
  siblings.erase(place);
}

/// Nothing is waited for any more by this task and those below it, which are gone.
void Run::cancel_below(Task& task) {
  if (task.call != 0) {
    calls_.erase(task.call);
    emit("cancel", {{"id", std::exchange(task.call, 0)}});
  }
  while (!task.children.empty()) remove(*task.children.back());
}

Names Run::names_of(const Task& task) const {
  Names names{task.state, {{"variables", &task.workflow->variables}}};
  // Those of outer tasks first, which inner ones hide. A workflow that another one calls knows nothing of
  // them.
  std::vector<const Task*> within;
  for (const Task* at = &task; at != nullptr && at->workflow == task.workflow; at = at->parent)
    within.push_back(at);
  for (auto at = within.rbegin(); at != within.rend(); ++at) {
    for (const auto& [name, value] : (*at)->locals.entries()) names.others.emplace_back(name, value.get());
  }
  return names;
}

Error Run::placed(const Task& task, Error error) const {
  const Node* node = node_of(task);
  if (node != nullptr && !error.message.starts_with("node '")) {
    error.message = fmt::format("node '{}' (line {}): {}", node->name, node->place.line, error.message);
  }
  return error;
}

}  // namespace hearth::workflow
