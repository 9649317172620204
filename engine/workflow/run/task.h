// A line of control in a run: where it is in its graph, the state that it works on, and what it waits for.
// Work of a node that is a graph itself (the body of a loop, branches that run at once) is done by tasks
// below.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/workflow/definition/workflow.h"
#include "engine/workflow/expression/state.h"

namespace hearth::workflow {

enum class Phase : uint8_t {
  kArriving,   // at a node that has not begun
  kWorking,    // its work has begun
  kRetrying,   // its work failed, and begins again when its time has come
  kLeaving,    // its work is done, and where to is not decided yet
  kBranching,  // branches run that begin behind it
};

/// What came of one of several tasks that ran at once.
struct BranchResult {
  bool has_ended = false;
  State changes;                                                         // the keys that it set
  nlohmann::ordered_json error = nlohmann::ordered_json::value_t::null;  // or {code, message} where it failed
};

struct Task {
  uint64_t id = 0;
  Task* parent = nullptr;  // null for the task of the run itself
  const Workflow* workflow = nullptr;
  const Graph* graph = nullptr;
  size_t index = 0;  // among the tasks that its parent began together
  State base;        // what the state was when it began
  State state;
  State locals;  // names that templates have beside the state's: loop variables, the last error

  std::string node{kStart};   // where it is; kStart before the first node
  std::string stop_at{kEnd};  // it ends where it would come to this node
  Phase phase = Phase::kLeaving;
  bool is_interrupted = false;    // it waits for somebody to take the run up again
  bool passed_interrupt = false;  // that has been done, at the node where it is
  int64_t attempt = 0;            // of the node's work, from 0
  uint64_t call = 0;              // the question whose answer it waits for; 0: none
  nlohmann::ordered_json carried{};
  int64_t wake_at = -1;   // when to begin again; -1: never
  int64_t deadline = -1;  // of the node's work; -1: none

  // Where the node is a loop, or branches begin behind it:
  nlohmann::ordered_json items{};  // what it runs for; of branches their first nodes
  size_t turn = 0;                 // how many of them, or turns of a loop, have begun
  std::vector<BranchResult> results;
  std::vector<std::unique_ptr<Task>> children;
};

}  // namespace hearth::workflow
