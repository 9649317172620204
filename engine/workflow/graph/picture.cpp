#include "engine/workflow/graph/picture.h"

#include <fmt/format.h>

namespace hearth::workflow {
namespace {

Box box_of(const Node& node) {
  Box box{node.name, "", BoxShape::kNode, nullptr};
  if (const auto* work = std::get_if<CallAction>(&node.work)) {
    box.told = work->action;
  } else if (std::holds_alternative<Evaluate>(node.work)) {
    box.told = "expression";
  } else if (const auto* steps = std::get_if<RunSteps>(&node.work)) {
    box.told = "steps";
    box.body = steps->steps.get();
  } else if (const auto* loop = std::get_if<WhileLoop>(&node.work)) {
    box = {node.name, "while " + loop->condition.source.source(), BoxShape::kLoop, loop->body.get()};
  } else if (const auto* each = std::get_if<ForEach>(&node.work)) {
    box = {node.name, fmt::format("for each {}", each->item_name), BoxShape::kLoop, each->body.get()};
  } else if (const auto* items = std::get_if<ParallelItems>(&node.work)) {
    box = {node.name, fmt::format("each {} at once", items->item_name), BoxShape::kBranches, nullptr};
    if (const auto* body = std::get_if<std::unique_ptr<Graph>>(&items->body)) box.body = body->get();
  } else if (const auto* file = std::get_if<SubWorkflow>(&node.work)) {
    box.told = file->path;
  }
  return box;
}

}  // namespace

Picture picture_of(const Graph& graph) {
  Picture picture;
  picture.boxes.push_back({std::string(kStart), "", BoxShape::kTerminal, nullptr});
  for (const Node& node : graph.nodes) picture.boxes.push_back(box_of(node));
  picture.boxes.push_back({std::string(kEnd), "", BoxShape::kTerminal, nullptr});
  const auto add = [&](size_t from, const std::string& to, std::string told, bool is_for_failure = false) {
    const auto number = graph.numbers.find(to);
    const size_t target = number == graph.numbers.end() ? picture.boxes.size() - 1 : number->second + 1;
    picture.ways.push_back({from, target, std::move(told), is_for_failure});
  };
  const auto add_routes = [&](size_t from, const std::vector<Route>& routes) {
    for (const Route& route : routes)
      add(from, route.to, route.condition ? route.condition->source.source() : "");
  };
  add_routes(0, graph.start);
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    add_routes(i + 1, graph.nodes[i].routes);
    const ErrorPolicy& policy = graph.nodes[i].policy;
    if (policy.on_failure == ErrorPolicy::OnFailure::kGoTo) add(i + 1, policy.fallback, "on failure", true);
  }
  return picture;
}

}  // namespace hearth::workflow
