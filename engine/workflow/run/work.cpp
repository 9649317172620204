// What the work of each kind of node is.
#include <fmt/format.h>

#include "engine/workflow/actions/answers.h"
#include "engine/workflow/run/run.h"

namespace hearth::workflow {

using Json = Run::Json;

namespace {

/// Workflows that call each other, one within the other.
constexpr int kDeepestWorkflows = 16;

Error no_list(const Json& value) {
  return {ErrorCode::kInvalidArgument, fmt::format("its items are {}, not a list", value.type_name())};
}

}  // namespace

void Run::begin(Task& task, const Pass& /*work*/) { succeed(task, nullptr); }

void Run::begin(Task& task, const Unsupported& work) { fail(task, {ErrorCode::kUnsupported, work.message}); }

void Run::begin(Task& task, const Evaluate& work) {
  Result<Json> value = work.value.source.value(names_of(task));
  value.ok() ? succeed(task, std::move(value).value()) : fail(task, std::move(value).error());
}

void Run::begin(Task& task, const CallAction& work) {
  Result<Json> parameters = work.parameters.value(names_of(task));
  if (!parameters.ok()) return fail(task, std::move(parameters).error());
  const Action* action = find_action(work.action);
  if (action == nullptr) {  // one of the host's
    return take(
        task,
        Step(Call{
            "function",
            {{"name", work.action}, {"parameters", *std::move(parameters)}, {"state", task.state.json()}}}));
  }
  take(task, action->begin(*parameters, {task.state, task.workflow->llm}));
}

/// The next question of an action, or its result.
void Run::take(Task& task, Result<Step> step) {
  if (!step.ok()) return fail(task, std::move(step).error());
  if (auto* result = std::get_if<Json>(&*step)) return succeed(task, std::move(*result));
  Call& call = std::get<Call>(*step);
  task.call = next_id_++;
  task.carried = std::move(call.carried);
  calls_.emplace(task.call, &task);
  emit("call", {{"id", task.call},
                {"kind", call.kind},
                {"request", std::move(call.request)},
                {"node", task.node},
                {"task", task.id}});
}

void Run::proceed(Task& task, Result<Json> answer) {
  if (!answer.ok()) return fail(task, std::move(answer).error());
  if (const auto usage = answer->find("usage");
      answer->is_object() && usage != answer->end() && usage->is_object()) {
    usage_.calls += 1;
    usage_.prompt_tokens += count_in(*usage, "promptTokens");
    usage_.completion_tokens += count_in(*usage, "completionTokens");
    const int64_t most = workflow_.limits.max_tokens;
    if (most > 0 && usage_.prompt_tokens + usage_.completion_tokens > most) {
      return give_up(task,
                     placed(task, {ErrorCode::kInvalidArgument,
                                   fmt::format("the workflow has used more than its {} tokens", most)}));
    }
  }
  const auto& work = std::get<CallAction>(node_of(task)->work);
  const Action* action = find_action(work.action);
  if (action == nullptr || action->proceed == nullptr) return succeed(task, *std::move(answer));
  take(task, action->proceed(std::exchange(task.carried, nullptr), *std::move(answer),
                             {task.state, task.workflow->llm}));
}

void Run::begin(Task& task, const RunSteps& work) { ready(add_child(task, *work.steps)); }

void Run::begin(Task& task, const WhileLoop& work) {
  Result<bool> holds = work.condition.source.holds(names_of(task));
  if (!holds.ok()) return fail(task, std::move(holds).error());
  if (!*holds || task.turn >= static_cast<size_t>(work.max_iterations)) {
    emit("loop_ended", {{"node", task.node}, {"turns", task.turn}, {"condition", *holds}});
    return succeed(task, nullptr);
  }
  emit("loop_turn", {{"node", task.node}, {"turn", task.turn++}});
  ready(add_child(task, *work.body));
}

void Run::begin(Task& task, const ForEach& work) {
  if (task.items.is_null()) {
    Result<Json> items = work.items.value(names_of(task));
    if (!items.ok()) return fail(task, std::move(items).error());
    if (!items->is_array()) return fail(task, no_list(*items));
    task.items = *std::move(items);
  }
  if (task.turn >= task.items.size()) return succeed(task, nullptr);
  emit("loop_turn", {{"node", task.node}, {"turn", task.turn}});
  Task& child = add_child(task, *work.body);
  child.locals.set(work.index_name, Json(task.turn));
  child.locals.set(work.item_name, task.items[task.turn++]);
  ready(child);
}

void Run::begin(Task& task, const ParallelItems& work) {
  Result<Json> items = work.items.value(names_of(task));
  if (!items.ok()) return fail(task, std::move(items).error());
  if (!items->is_array()) return fail(task, no_list(*items));
  task.items = *std::move(items);
  task.results.resize(task.items.size());
  if (task.items.empty()) return join(task);
  begin_branches(task);
}

void Run::begin(Task& task, const SubWorkflow& work) {
  Task& child = add_child(task, *task.graph);
  if (Result<void> entered = enter(child, work, task); !entered.ok())
    return fail(task, std::move(entered).error());
  ready(child);
}

Result<void> Run::enter(Task& child, const SubWorkflow& work, const Task& from) {
  const auto file = from.workflow->files.find(work.path);
  if (file == from.workflow->files.end()) {
    return Error{ErrorCode::kNotFound, fmt::format("there is no workflow '{}'", work.path)};
  }
  // A workflow may call itself; what begins at the top of one is a call, or a branch of one.
  int depth = 0;
  for (const Task* at = &from; at->parent != nullptr; at = at->parent)
    depth += at->graph == &at->workflow->graph && at->parent->phase != Phase::kBranching ? 1 : 0;
  if (depth >= kDeepestWorkflows) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("workflows call each other more than {} deep; look for one that calls itself",
                             kDeepestWorkflows)};
  }
  HEARTH_ASSIGN(Json input, work.input.value(names_of(child)));
  HEARTH_ASSIGN(child.state, first_state(*file->second, std::move(input)));
  child.workflow = file->second;
  child.graph = &file->second->graph;
  child.base = State();
  return {};
}

void Run::continue_after(Task& task, Task& child) {
  const Work& work = node_of(task)->work;
  if (std::holds_alternative<ParallelItems>(work)) return branch_ended(task, child, nullptr);
  if (std::holds_alternative<SubWorkflow>(work)) {
    Result<Json> outcome = outcome_of(child);
    remove(child);
    return outcome.ok() ? succeed(task, std::move(outcome).value()) : fail(task, std::move(outcome).error());
  }
  task.state = std::move(child.state);
  remove(child);
  if (const auto* loop = std::get_if<WhileLoop>(&work)) return begin(task, *loop);
  if (const auto* loop = std::get_if<ForEach>(&work)) return begin(task, *loop);
  succeed(task, nullptr);
}

Result<Json> Run::outcome_of(const Task& task) const {
  if (task.workflow->outputs.empty()) return task.state.json();
  const Names names = names_of(task);
  Json outputs = Json::object();
  for (const auto& [key, pattern] : task.workflow->outputs) {
    HEARTH_ASSIGN(outputs[key], pattern.value(names));
  }
  return outputs;
}

}  // namespace hearth::workflow
