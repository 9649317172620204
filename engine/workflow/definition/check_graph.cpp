// What holds between the nodes of a graph.
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "engine/base/nearest_name.h"
#include "engine/workflow/definition/reader.h"

namespace hearth::workflow {
namespace {

/// A graph in numbers; its end has the last one.
class Ways {
 public:
  explicit Ways(const Graph& graph) : numbers_(graph.numbers), next_(graph.nodes.size() + 1) {
    for (size_t i = 0; i < graph.nodes.size(); ++i) {
      for (const Route& route : graph.nodes[i].routes) add(i, route.to);
      add_fallback(graph.nodes[i], i);
    }
  }

  size_t end() const { return next_.size() - 1; }
  bool knows(const std::string& name) const { return name == kEnd || numbers_.contains(name); }
  /// Requires a name that it knows.
  size_t number(const std::string& name) const { return name == kEnd ? end() : numbers_.find(name)->second; }

  /// The nodes that are reached from `from` without going through `closed`, nearest first, `from` among them.
  std::vector<size_t> reached(const std::vector<size_t>& from, size_t closed) const {
    std::vector<bool> seen(next_.size(), false);
    std::vector<size_t> order;
    std::deque<size_t> open;
    const auto see = [&](size_t node) {
      if (node == closed || seen[node]) return;
      seen[node] = true;
      order.push_back(node);
      open.push_back(node);
    };
    for (const size_t node : from) see(node);
    for (; !open.empty(); open.pop_front()) {
      for (const size_t next : next_[open.front()]) see(next);
    }
    return order;
  }

  /// The nearest node that is on every way from each of `heads` to the end.
  size_t meeting_of(const std::vector<size_t>& heads) const {
    for (const size_t candidate : reached({heads.front()}, kNone)) {
      const bool is_met = std::all_of(heads.begin(), heads.end(), [&](size_t head) {
        const std::vector<size_t> before = reached({head}, candidate);
        return std::find(before.begin(), before.end(), end()) == before.end();
      });
      if (is_met) return candidate;
    }
    return end();
  }

  static constexpr size_t kNone = ~size_t{0};

 private:
  void add(size_t from, const std::string& to) {
    if (knows(to)) next_[from].push_back(number(to));
  }
  void add_fallback(const Node& node, size_t number) {
    if (node.policy.on_failure == ErrorPolicy::OnFailure::kGoTo) add(number, node.policy.fallback);
  }

  const std::map<std::string, size_t, std::less<>>& numbers_;
  std::vector<std::vector<size_t>> next_;
};

void check_target(const std::string& target, Place place, std::string_view what, const Graph& graph,
                  const Ways& ways, Faults& faults) {
  if (ways.knows(target)) return;
  std::vector<std::string> names = {std::string(kEnd)};
  for (const Node& node : graph.nodes) names.push_back(node.name);
  faults.error("unknown-node", place,
               fmt::format("{} leads to '{}', which there is not; did you mean '{}'?", what, target,
                           nearest_name(target, names)));
}

/// The branches that begin with the routes, if there are several, and where they meet.
std::string join_of(const std::vector<Route>& routes, const Graph& graph, const Ways& ways, Faults& faults) {
  std::vector<size_t> heads;
  std::string named;
  for (const Route& route : routes) {
    if (route.condition || !ways.knows(route.to)) continue;
    heads.push_back(ways.number(route.to));
    if (route.fan_in.empty()) continue;
    check_target(route.fan_in, route.place, "`fan_in`", graph, ways, faults);
    if (!named.empty() && named != route.fan_in) {
      faults.error("two-joins", route.place,
                   fmt::format("branches that begin together meet in one node, not in '{}' and '{}'", named,
                               route.fan_in));
    }
    named = route.fan_in;
  }
  if (heads.size() < 2) return "";
  if (!named.empty()) return named;
  const size_t meeting = ways.meeting_of(heads);
  return meeting == ways.end() ? std::string(kEnd) : graph.nodes[meeting].name;
}

}  // namespace

void check_graph(Graph& graph, Reader& reader) {
  const Ways ways(graph);
  Faults& faults = reader.faults;
  for (const Route& route : graph.start)
    check_target(route.to, route.place, "the start", graph, ways, faults);
  graph.join = join_of(graph.start, graph, ways, faults);
  for (Node& node : graph.nodes) {
    const std::string what = fmt::format("'{}'", node.name);
    for (const Route& route : node.routes) check_target(route.to, route.place, what, graph, ways, faults);
    if (node.policy.on_failure == ErrorPolicy::OnFailure::kGoTo) {
      check_target(node.policy.fallback, node.place, fmt::format("the fallback of {}", what), graph, ways,
                   faults);
    }
    node.join = join_of(node.routes, graph, ways, faults);
  }
  std::vector<size_t> heads;
  for (const Route& route : graph.start) {
    if (ways.knows(route.to)) heads.push_back(ways.number(route.to));
  }
  const std::vector<size_t> reached = ways.reached(heads, Ways::kNone);
  const std::set<size_t> known(reached.begin(), reached.end());
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const bool is_second_of_its_name = graph.numbers.at(graph.nodes[i].name) != i;
    if (known.contains(i) || is_second_of_its_name) continue;
    faults.add(Severity::kWarning, "unreferenced-node", graph.nodes[i].place,
               fmt::format("nothing leads to '{}'", graph.nodes[i].name));
  }
}

const Node* Graph::find(std::string_view name) const {
  const auto found = numbers.find(name);
  return found == numbers.end() ? nullptr : &nodes[found->second];
}

}  // namespace hearth::workflow
