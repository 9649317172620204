#include "engine/text/jinja/expression_depth.h"

#include <algorithm>

namespace hearth::jinja {
namespace {

int depth(const Expression& expression) { return expression.depth; }
int depth(const ExpressionPtr& expression) { return expression ? expression->depth : 0; }

int depth(const DictEntry& entry) { return std::max(entry.key.depth, entry.value.depth); }
int depth(const NamedArgument& argument) { return argument.value.depth; }
int depth(const ComparisonStep& step) { return step.operand.depth; }

template <typename Item>
int depth(const std::vector<Item>& items) {
  int deepest = 0;
  for (const Item& item : items) deepest = std::max(deepest, depth(item));
  return deepest;
}

int depth(const ArgumentList& arguments) {
  return std::max({depth(arguments.positional), depth(arguments.named), depth(arguments.more_positional),
                   depth(arguments.more_named)});
}

}  // namespace

int deepest_child(const Literal&) { return 0; }
int deepest_child(const Name&) { return 0; }
int deepest_child(const ListLiteral& list) { return depth(list.items); }
int deepest_child(const DictLiteral& dict) { return depth(dict.entries); }
int deepest_child(const AttributeOf& attribute) { return depth(attribute.object); }
int deepest_child(const ItemOf& item) { return std::max(depth(item.object), depth(item.index)); }
int deepest_child(const SliceOf& slice) {
  return std::max({depth(slice.object), depth(slice.start), depth(slice.stop), depth(slice.step)});
}
int deepest_child(const CallOf& call) { return std::max(depth(call.callee), depth(call.arguments)); }
int deepest_child(const FilterOf& filter) { return std::max(depth(filter.input), depth(filter.arguments)); }
int deepest_child(const TestOf& test) { return std::max(depth(test.input), depth(test.arguments)); }
int deepest_child(const Unary& unary) { return depth(unary.operand); }
int deepest_child(const Binary& binary) { return std::max(depth(binary.left), depth(binary.right)); }
int deepest_child(const Comparison& comparison) {
  return std::max(depth(comparison.first), depth(comparison.rest));
}
int deepest_child(const Concatenation& concatenation) { return depth(concatenation.parts); }
int deepest_child(const Conditional& conditional) {
  return std::max({depth(conditional.condition), depth(conditional.then), depth(conditional.otherwise)});
}

}  // namespace hearth::jinja
