// How deep the tree is below a node, so that nothing that walks it can run out of stack.
#pragma once

#include "engine/text/jinja/ast.h"

namespace hearth::jinja {

int deepest_child(const Literal&);
int deepest_child(const Name&);
int deepest_child(const ListLiteral& list);
int deepest_child(const DictLiteral& dict);
int deepest_child(const AttributeOf& attribute);
int deepest_child(const ItemOf& item);
int deepest_child(const SliceOf& slice);
int deepest_child(const CallOf& call);
int deepest_child(const FilterOf& filter);
int deepest_child(const TestOf& test);
int deepest_child(const Unary& unary);
int deepest_child(const Binary& binary);
int deepest_child(const Comparison& comparison);
int deepest_child(const Concatenation& concatenation);
int deepest_child(const Conditional& conditional);

}  // namespace hearth::jinja
