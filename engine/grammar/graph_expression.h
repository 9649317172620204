// Grammars of automata: a graph whose edges are expressions becomes one expression, with rules where ways
// meet.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/grammar/grammar.h"

namespace hearth {

/// A text goes along edges from the first node to one that has an end.
struct ExpressionGraph {
  struct Edge {
    ExpressionId reads;
    size_t to;
  };
  struct Node {
    std::vector<Edge> edges;
    std::optional<ExpressionId> end;  // what is read where the text ends here
  };
  std::vector<Node> nodes;
};

/// Rules are named `name` and a number.
ExpressionId expression_of(const ExpressionGraph& graph, GrammarBuilder& builder, const std::string& name);

}  // namespace hearth
