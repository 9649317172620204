#include "engine/grammar/graph_expression.h"

#include <utility>

namespace hearth {
namespace {

// Of expressions within expressions, before a rule begins anew: well within kMostGrammarDepth, as graphs
// stand within each other.
constexpr int kDeepest = 40;

class GraphWriter {
 public:
  GraphWriter(const ExpressionGraph& graph, GrammarBuilder& builder, const std::string& name)
      : graph_(graph),
        builder_(builder),
        name_(name),
        arriving_(graph.nodes.size()),
        rules_(arriving_.size()) {
    for (size_t number = 0; number < graph.nodes.size(); ++number) {
      for (const ExpressionGraph::Edge& edge : graph.nodes[number].edges) {
        if (edge.to != number) ++arriving_[edge.to];
      }
    }
    ++arriving_[0];
  }

  ExpressionId write() {
    const ExpressionId first = arriving_[0] > 1 ? reference(0) : body(0, 0);
    while (!waiting_.empty() && !builder_.too_large()) {
      const size_t number = waiting_.back();
      waiting_.pop_back();
      builder_.define(*rules_[number], body(number, 0));
    }
    return first;
  }

 private:
  ExpressionId reference(size_t number) {
    if (!rules_[number]) {
      rules_[number] = builder_.declare(name_ + "-" + std::to_string(number));
      waiting_.push_back(number);
    }
    return builder_.reference(*rules_[number]);
  }

  ExpressionId node(size_t number, int depth) {
    return arriving_[number] > 1 || depth > kDeepest ? reference(number) : body(number, depth);
  }

  ExpressionId body(size_t number, int depth) {
    std::vector<ExpressionId> loops;
    std::vector<ExpressionId> ways;
    const ExpressionGraph::Node& from = graph_.nodes[number];
    for (const ExpressionGraph::Edge& edge : from.edges) {
      if (edge.to == number) {
        loops.push_back(edge.reads);
      } else {
        const ExpressionId parts[] = {edge.reads, node(edge.to, depth + 1)};
        ways.push_back(builder_.sequence(parts));
      }
    }
    if (from.end) ways.push_back(*from.end);
    const ExpressionId onward = ways.size() == 1 ? ways.front() : builder_.choice(ways);
    if (loops.empty()) return onward;
    const ExpressionId loop = loops.size() == 1 ? loops.front() : builder_.choice(loops);
    const ExpressionId parts[] = {builder_.repeat(loop, 0, kNoLimit), onward};
    return builder_.sequence(parts);
  }

  const ExpressionGraph& graph_;
  GrammarBuilder& builder_;
  const std::string& name_;
  std::vector<size_t> arriving_;  // edges from other nodes; of the first, the beginning as well
  std::vector<std::optional<RuleId>> rules_;
  std::vector<size_t> waiting_;  // nodes whose rules are declared
};

}  // namespace

ExpressionId expression_of(const ExpressionGraph& graph, GrammarBuilder& builder, const std::string& name) {
  return GraphWriter(graph, builder, name).write();
}

}  // namespace hearth
