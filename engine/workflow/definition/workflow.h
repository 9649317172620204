// A workflow as it is run: what its file says, with all spellings and defaults made one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/workflow/document/document.h"
#include "engine/workflow/expression/pattern.h"
#include "engine/workflow/expression/template.h"
#include "engine/workflow/schema/schema.h"

namespace hearth::workflow {

inline constexpr std::string_view kStart = "__start__";
inline constexpr std::string_view kEnd = "__end__";

struct Graph;
struct Workflow;

/// A condition or value with its place, for messages.
struct PlacedTemplate {
  Template source;
  Place place;
};

// What a node does.

struct Pass {};

/// uses: NAME, with: {...}
struct CallAction {
  std::string action;
  Pattern parameters;
};

/// run: {type: expression, value: ..., output_key: ...}
struct Evaluate {
  PlacedTemplate value;
};

/// steps: [...]: nodes one after another, on the state of this one.
struct RunSteps {
  std::unique_ptr<Graph> steps;
};

/// type: while_loop. The condition is asked before each turn.
struct WhileLoop {
  PlacedTemplate condition;
  int64_t max_iterations = 0;
  std::unique_ptr<Graph> body;
};

/// type: for_each. One after another, on the state of this node.
struct ForEach {
  Pattern items;
  std::string item_name;
  std::string index_name;
  std::unique_ptr<Graph> body;
};

/// Another workflow, by its file's path as written; what it is given is its whole state.
struct SubWorkflow {
  std::string path;
  Pattern input;
};

/// type: dynamic_parallel. Each item on a state of its own.
struct ParallelItems {
  Pattern items;
  std::string item_name;
  std::string index_name;
  int64_t max_concurrency = 0;  // 0: all at once
  bool fail_fast = false;
  std::variant<std::unique_ptr<Graph>, SubWorkflow> body;
};

/// What may not run here: code in another language, an action that there is none of.
struct Unsupported {
  std::string message;
};

using Work = std::variant<Pass, CallAction, Evaluate, RunSteps, WhileLoop, ForEach, ParallelItems,
                          SubWorkflow, Unsupported>;

/// Where a node's result goes. Without either, the members of an object become keys of the state, and
/// anything else its key `result`.
struct Output {
  std::string key;                                      // the whole of it
  std::vector<std::pair<std::string, Pattern>> mapped;  // or parts, by templates that read `result`
};

/// What happens when a node fails.
struct ErrorPolicy {
  enum class OnFailure : uint8_t { kFail, kContinue, kGoTo } on_failure = OnFailure::kFail;
  int64_t max_retries = 0;
  int64_t backoff_base_ms = 1000;  // the wait before the first retry, doubled for each further one
  int64_t backoff_max_ms = 60'000;
  bool jitter = true;
  std::string fallback;  // the node of kGoTo
};

/// Where control goes. Of the routes of a node the first whose condition holds is taken; routes without one
/// hold where no other did, all of them: several are branches that run at once.
struct Route {
  std::optional<PlacedTemplate> condition;
  std::string to;  // a node of the same graph, or kEnd
  Place place;
  std::string fan_in = {};  // where its branch meets the others; "" where the graph says
};

enum class InterruptWhen : uint8_t { kNever = 0, kBefore = 1, kAfter = 2, kBoth = 3 };

struct Node {
  std::string name;
  Place place;
  Work work;
  Output output;
  std::vector<Route> routes;
  std::string fan_in;                  // where items that ran at once go on, unless a route says otherwise
  std::optional<PlacedTemplate> when;  // where it does not hold, the node is passed by
  std::string join;                    // where branches that begin behind it meet: a node, or kEnd
  InterruptWhen interrupt = InterruptWhen::kNever;
  ErrorPolicy policy;
  int64_t timeout_ms = 0;  // 0: none
};

/// Nodes among which control moves. In a body of a loop they follow each other.
struct Graph {
  std::vector<Node> nodes;
  std::vector<Route> start;  // as those of a node, before the first one
  std::string join = {};     // where branches meet that begin at the start

  std::map<std::string, size_t, std::less<>> numbers = {};  // of the nodes, by name

  /// Null where there is none of the name.
  const Node* find(std::string_view name) const;
};

enum class MergeStrategy : uint8_t { kIsolated, kLastWriteWins, kMergeDeep, kFailOnConflict };

/// What a run may use, so that none goes on for ever.
struct RunLimits {
  int64_t max_steps = 100'000;   // nodes
  int64_t max_tokens = 0;        // of models, read and written; 0: any number
  int64_t timeout_ms = 0;        // 0: none
  int64_t max_concurrency = 64;  // branches of one fan-out at once
};

struct Workflow {
  std::string name;
  std::string description;
  Schema state_schema;  // of the keys that nodes set, and of the input's
  Schema input_schema;  // of the input as a whole
  nlohmann::ordered_json variables = nlohmann::ordered_json::object();
  nlohmann::ordered_json initial_state = nlohmann::ordered_json::object();
  nlohmann::ordered_json llm =
      nlohmann::ordered_json::object();  // parameters that all actions of models have
  MergeStrategy merge_strategy = MergeStrategy::kIsolated;
  RunLimits limits;
  Graph graph;
  /// What a run gives in the end, by templates; without any, its state.
  std::vector<std::pair<std::string, Pattern>> outputs;
  bool has_input_name = false;                   // `input` is what the run was given, as pipelines call it
  std::map<std::string, const Workflow*> files;  // those that it names, by the path as written; borrowed
};

/// The workflows that the nodes of a graph call, and of the graphs within it, by their files' paths as
/// written.
std::vector<std::pair<std::string, Place>> files_named_by(const Graph& graph);

}  // namespace hearth::workflow
