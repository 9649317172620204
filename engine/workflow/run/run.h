// One run of a workflow: a machine that its host drives.
//
// The host calls advance(), gets what has happened and what is asked of it, carries that out in its own time
// and manner, and gives the answers. The machine itself waits for nothing, has no clock and touches nothing
// outside, so it is the same in a browser, in Node.js, and behind the C interface; and the state that it is
// in can be written down at any moment and taken up later.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/workflow/actions/action.h"
#include "engine/workflow/definition/workflow.h"
#include "engine/workflow/run/task.h"

namespace hearth::workflow {

/// Of models, as their answers told it.
struct Usage {
  int64_t calls = 0;
  int64_t prompt_tokens = 0;
  int64_t completion_tokens = 0;
};

class Run {
 public:
  using Json = nlohmann::ordered_json;

  /// A run that begins with `input`, an object, over the workflow's initial state. The workflow, and those
  /// that it names, are borrowed until the run is gone. INVALID_ARGUMENT where the input is not what its
  /// schema says.
  static Result<std::unique_ptr<Run>> start(const Workflow& workflow, Json input);
  /// A run that goes on from a checkpoint of the same workflow, with `changes` to its state, an object. Nodes
  /// that had ended are not run again; work that had not begins anew. INVALID_ARGUMENT where the checkpoint
  /// does not fit.
  static Result<std::unique_ptr<Run>> resume(const Workflow& workflow, const Json& checkpoint, Json changes);

  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  /// Goes on as far as it gets at the time `now_ms`, of a clock that never goes back. Gives events in order,
  /// each an object with its `event`; docs/workflows.md lists them. A `call` asks the host: {event, id, kind,
  /// request, node}; `cancel` says that its answer is not wanted any more.
  std::vector<Json> advance(int64_t now_ms);
  /// When to advance next if no answer comes before.
  std::optional<int64_t> wake_at() const;

  /// The answer to a call, or why there is none. One that nobody waits for is passed over.
  void answer(uint64_t call, Result<Json> answer) { answers_.emplace_back(call, std::move(answer)); }
  /// Has the next advance() end the run.
  void cancel() { is_cancelled_ = true; }

  /// Done, failed, cancelled, or stopped by an interrupt.
  bool has_ended() const { return has_ended_; }
  /// All that resume() needs.
  Json checkpoint() const;

 private:
  explicit Run(const Workflow& workflow) : workflow_(workflow) {}

  // run.cpp: the loop, and its limits
  static Result<State> first_state(const Workflow& workflow, Json input);
  void take_answers();
  void check_time();
  bool is_waiting() const;
  void end_run(std::string_view event, Json members);

  // node.cpp: a node from its beginning to its end
  void step(Task& task);
  void arrive(Task& task);
  void begin_work(Task& task);
  void succeed(Task& task, Json result);
  /// The keys of the state that the node sets by its result.
  Result<Json> changes_by(const Task& task, Json result) const;
  void fail(Task& task, Error error);
  void leave(Task& task);
  void go_to(Task& task, const std::string& target);
  void end(Task& task);
  /// The task has failed, and no node of its own makes up for that.
  void give_up(Task& task, const Error& error);
  bool stops_for_interrupt(Task& task, InterruptWhen when);

  // work.cpp: what the work of each kind of node is
  void begin(Task& task, const Pass& work);
  void begin(Task& task, const CallAction& work);
  void begin(Task& task, const Evaluate& work);
  void begin(Task& task, const RunSteps& work);
  void begin(Task& task, const WhileLoop& work);
  void begin(Task& task, const ForEach& work);
  void begin(Task& task, const ParallelItems& work);
  void begin(Task& task, const SubWorkflow& work);
  void begin(Task& task, const Unsupported& work);
  void take(Task& task, Result<Step> step);
  void proceed(Task& task, Result<Json> answer);
  /// What becomes of the node of which a task below was the work, or a turn of it.
  void continue_after(Task& task, Task& child);
  Result<void> enter(Task& child, const SubWorkflow& work, const Task& from);
  /// What the workflow of a task gives that has ended: its outputs, or all of its state.
  Result<Json> outcome_of(const Task& task) const;

  // branches.cpp: tasks that run at once, and what becomes of their states
  void branch(Task& task, std::vector<std::string> heads);
  void begin_branches(Task& task);
  void branch_ended(Task& task, Task& child, Json error);
  void join(Task& task);
  Result<State> merged(const Task& task) const;

  /// Not ready to step yet.
  Task& add_child(Task& parent, const Graph& graph);
  void remove(Task& child);
  void cancel_below(Task& task);
  void ready(Task& task) { ready_.push_back(task.id); }
  const Node* node_of(const Task& task) const { return task.graph->find(task.node); }
  const std::string& join_of(const Task& task) const;
  Names names_of(const Task& task) const;
  Error placed(const Task& task, Error error) const;
  void emit(std::string_view event, Json members = Json::object());

  // checkpoint.cpp
  static Json to_json(const Task& task);
  Result<void> read_task(const Json& json, Task& task);

  const Workflow& workflow_;
  std::unique_ptr<Task> main_;
  std::map<uint64_t, Task*> tasks_;
  std::deque<uint64_t> ready_;
  std::map<uint64_t, Task*> calls_;
  std::vector<std::pair<uint64_t, Result<Json>>> answers_;
  std::vector<std::unique_ptr<Task>> removed_;  // until the step that ended them is over
  std::vector<Json> events_;
  Usage usage_;
  int64_t now_ = 0;
  int64_t began_at_ = -1;
  int64_t steps_ = 0;
  uint64_t next_id_ = 1;
  bool is_cancelled_ = false;
  bool has_ended_ = false;
};

}  // namespace hearth::workflow
