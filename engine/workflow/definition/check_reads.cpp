// Keys of the state that are read and never set: mostly names that were misspelt.
#include <fmt/format.h>

#include <set>

#include "engine/base/nearest_name.h"
#include "engine/workflow/definition/reader.h"

namespace hearth::workflow {
namespace {

class ReadChecker {
 public:
  ReadChecker(const Workflow& workflow, Reader& reader) : reader_(reader) {
    for (const auto* schema : {&workflow.state_schema, &workflow.input_schema}) {
      if (!schema->json().is_object() || !schema->json().contains("properties")) continue;
      add_keys(schema->json()["properties"]);
    }
    add_keys(workflow.initial_state);
  }

  /// Takes down what the nodes set, as far as that can be told.
  void add(const Graph& graph) {
    for (const Node& node : graph.nodes) {
      known_.insert(node.output.key);
      for (const auto& [key, pattern] : node.output.mapped) known_.insert(key);
      std::visit([&](const auto& work) { add_work(node, work); }, node.work);
    }
  }

  void check(const Graph& graph) {
    for (const Route& route : graph.start) check(route);
    for (const Node& node : graph.nodes) {
      for (const Route& route : node.routes) check(route);
      if (node.when) check(*node.when);
      std::visit([&](const auto& work) { check_work(work); }, node.work);
    }
  }

  /// Whether all that is set is known.
  bool knows_all() const { return knows_all_; }

 private:
  void add_keys(const nlohmann::ordered_json& object) {
    if (!object.is_object()) return;
    for (auto entry = object.begin(); entry != object.end(); ++entry) known_.insert(entry.key());
  }
  bool names_output(const Node& node) const {
    return !node.output.key.empty() || !node.output.mapped.empty();
  }

  void add_work(const Node&, const Pass&) {}
  void add_work(const Node&, const Unsupported&) {}  // the words of code are known (Reader::code)
  void add_work(const Node& node, const Evaluate&) { knows_all_ = knows_all_ && names_output(node); }
  void add_work(const Node& node, const CallAction&) { knows_all_ = knows_all_ && names_output(node); }
  void add_work(const Node& node, const SubWorkflow&) { knows_all_ = knows_all_ && names_output(node); }
  void add_work(const Node&, const RunSteps& work) { add(*work.steps); }
  void add_work(const Node&, const WhileLoop& work) { add_body(work.body); }
  void add_work(const Node&, const ForEach& work) { add_body(work.body); }
  void add_work(const Node&, const ParallelItems& work) {
    known_.insert({work.item_name, work.index_name, "parallel_results"});
    if (const auto* body = std::get_if<std::unique_ptr<Graph>>(&work.body)) add_body(*body);
  }
  void add_body(const std::unique_ptr<Graph>& body) {
    if (body) add(*body);
  }

  void check(const Route& route) {
    if (route.condition) check(*route.condition);
  }
  void check(const PlacedTemplate& placed) { check(placed.source, placed.place); }
  void check(const Template& source, Place place) {
    const auto state = source.names_read().find("state");
    if (state == source.names_read().end()) return;
    for (const std::string& key : state->second.members) {
      const bool is_in_code = reader_.code.find(fmt::format("\"{}\"", key)) != std::string::npos ||
                              reader_.code.find(fmt::format("'{}'", key)) != std::string::npos;
      if (known_.contains(key) || is_in_code) continue;
      reader_.faults.add(Severity::kWarning, "never-set", place,
                         fmt::format("nothing sets 'state.{}'; did you mean '{}'?", key,
                                     nearest_name(key, {known_.begin(), known_.end()})));
    }
  }
  void check(const Pattern& pattern) {
    pattern.each_template([&](const Template& source, Place place) { check(source, place); });
  }

  void check_work(const Pass&) {}
  void check_work(const Unsupported&) {}
  void check_work(const Evaluate& work) { check(work.value); }
  void check_work(const CallAction& work) { check(work.parameters); }
  void check_work(const SubWorkflow& work) { check(work.input); }
  void check_work(const RunSteps& work) { check(*work.steps); }
  void check_work(const WhileLoop& work) {
    check(work.condition);
    if (work.body) check(*work.body);
  }
  void check_work(const ForEach& work) {
    check(work.items);
    if (work.body) check(*work.body);
  }
  void check_work(const ParallelItems& work) {
    check(work.items);
    if (const auto* body = std::get_if<std::unique_ptr<Graph>>(&work.body); body != nullptr && *body)
      check(**body);
  }

  Reader& reader_;
  std::set<std::string> known_;
  bool knows_all_ = true;
};

}  // namespace

void check_reads(const Workflow& workflow, Reader& reader) {
  // Without a schema, any key may come with the input.
  if (!workflow.state_schema.json().is_object()) return;
  ReadChecker checker(workflow, reader);
  checker.add(workflow.graph);
  if (checker.knows_all()) checker.check(workflow.graph);
}

}  // namespace hearth::workflow
