#include "engine/grammar/regex.h"

#include "engine/base/escaped.h"
#include "engine/grammar/graph_expression.h"
#include "engine/grammar/regex_automaton.h"
#include "engine/grammar/regex_syntax.h"
#include "engine/grammar/regular_graph.h"

namespace hearth {

Result<RegularSet> regular_set_of(std::string_view pattern, RegexUse use) {
  HEARTH_ASSIGN(const RegexNode node, parse_regex(pattern));
  return regular_set_of(node, use);
}

Result<Grammar> read_regex(std::string_view pattern) {
  HEARTH_ASSIGN(const RegularSet set, regular_set_of(pattern, RegexUse::kWhole));
  if (set.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "regular expression: no text matches; is there a '^' or '$' inside, or an empty class?"};
  }
  GrammarBuilder builder;
  const auto write = [&](const CodePoints& characters) { return builder.characters(characters.ranges()); };
  const ExpressionGraph graph = graph_of(set, builder.empty(), write);
  const RuleId root = builder.declare("root");
  builder.define(root, expression_of(graph, builder, "state"));
  return builder.finish(root);
}

}  // namespace hearth
