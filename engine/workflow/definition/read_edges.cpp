// Edges: {from, to} with a condition, or several from one node, which are branches that run at once.
#include <fmt/format.h>

#include <map>

#include "engine/base/nearest_name.h"
#include "engine/workflow/definition/reader.h"

namespace hearth::workflow {
namespace {

class EdgeReader {
 public:
  EdgeReader(const Element& edge, Graph& graph, Reader& reader)
      : edge_(edge), graph_(graph), reader_(reader), fields_(edge, "an edge", reader.faults) {}

  void read() {
    const std::vector<std::string> from = fields_.texts({"from"});
    const std::vector<std::string> to = fields_.texts({"to"});
    Route route{read_condition(), "", edge_.place, fields_.text({"fan_in"}).value_or("")};
    read_kind();
    fields_.pass_over({"parallel_strategy", "description", "name", "label"});
    fields_.finish();
    if (from.empty() || to.empty()) {
      reader_.faults.error("missing-key", edge_.place,
                           fmt::format("an edge has no `{}`", from.empty() ? "from" : "to"));
    }
    for (const std::string& source : from) {
      for (const std::string& target : to) {
        route.to = target;
        add(source, route);
      }
    }
  }

 private:
  void add(const std::string& source, const Route& route) {
    if (source == kStart) {
      graph_.start.push_back(route);
      return;
    }
    const auto number = graph_.numbers.find(source);
    if (number != graph_.numbers.end()) graph_.nodes[number->second].routes.push_back(route);
  }

  /// `condition` and `when` in one: {condition: C, when: false} holds where C does not.
  std::optional<PlacedTemplate> read_condition() {
    const Element* condition = fields_.value({"condition", "if"});
    const Element* when = fields_.value({"when"});
    if (fields_.flag({"else", "default"}).value_or(false)) return std::nullopt;
    if (condition == nullptr) std::swap(condition, when);
    if (condition == nullptr) return std::nullopt;
    if (condition->text() && (*condition->text() == "else" || *condition->text() == "default"))
      return std::nullopt;
    std::optional<PlacedTemplate> read = reader_.condition(*condition);
    if (when == nullptr || !read) return read;
    if (!when->scalar.is_boolean()) {
      reader_.faults.error("wrong-type", when->place, "`when` beside a condition is true or false");
      return read;
    }
    if (when->scalar.get<bool>()) return read;
    const Element* text = condition->is_object() ? condition->find("value") : condition;
    const Element negated =
        Element::scalar_at(condition->place, fmt::format("not ({})", text->text() ? *text->text() : "true"));
    return reader_.condition(negated);
  }

  void read_kind() {
    const std::string type = fields_.text({"type"}).value_or("normal");
    fields_.flag({"parallel"});
    if (type != "normal" && type != "parallel" && type != "conditional" && type != "entry" &&
        type != "finish") {
      reader_.faults.error("unknown-type", edge_.place,
                           fmt::format("'{}' is no type of an edge, which are normal and parallel", type));
    }
  }

  const Element& edge_;
  Graph& graph_;
  Reader& reader_;
  Fields fields_;
};

}  // namespace

void read_edges(const Element& edges, Graph& graph, Reader& reader) {
  if (!edges.is_list()) {
    reader.faults.error("wrong-type", edges.place,
                        fmt::format("`edges` is a list, not {}", edges.described()));
    return;
  }
  std::vector<std::string> names;
  std::map<std::string, bool> has_goto;
  for (const Node& node : graph.nodes) {
    names.push_back(node.name);
    has_goto[node.name] = !node.routes.empty();
  }
  for (const Element& edge : edges.items) {
    const Element* from = edge.find("from");
    const std::string source = from != nullptr && from->text() ? *from->text() : "";
    const auto known = has_goto.find(source);
    if (!source.empty() && source != kStart && known == has_goto.end()) {
      reader.faults.error("unknown-node", from->place,
                          fmt::format("there is no node '{}' that an edge could leave; did you mean '{}'?",
                                      source, nearest_name(source, names)));
    } else if (known != has_goto.end() && known->second) {
      reader.faults.add(Severity::kWarning, "edge-beside-goto", edge.place,
                        fmt::format("'{}' has a goto, which comes before this edge", source));
    } else {
      EdgeReader(edge, graph, reader).read();
    }
  }
  if (graph.start.empty() && !graph.nodes.empty()) {
    graph.start.push_back({std::nullopt, graph.nodes.front().name, graph.nodes.front().place});
  }
  for (Node& node : graph.nodes) {
    if (!node.routes.empty()) continue;
    node.routes.push_back({std::nullopt, node.fan_in.empty() ? std::string(kEnd) : node.fan_in, node.place});
  }
}

}  // namespace hearth::workflow
