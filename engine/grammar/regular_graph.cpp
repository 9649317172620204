#include "engine/grammar/regular_graph.h"

#include <map>
#include <utility>
#include <vector>

namespace hearth {

ExpressionGraph graph_of(const RegularSet& set, ExpressionId end, const WriteCharacters& write) {
  ExpressionGraph graph;
  for (const RegularSet::State& state : set.states()) {
    ExpressionGraph::Node node;
    std::map<uint32_t, std::vector<CodePointRange>> characters;
    for (const RegularSet::Arc& arc : state.arcs) characters[arc.to].push_back({arc.first, arc.last});
    for (auto& [to, ranges] : characters) {
      node.edges.push_back({write(CodePoints(std::move(ranges))), to});
    }
    if (state.accepts) node.end = end;
    graph.nodes.push_back(std::move(node));
  }
  return graph;
}

}  // namespace hearth
