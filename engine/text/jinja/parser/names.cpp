#include "engine/text/jinja/parser/names.h"

#include <optional>

namespace hearth::jinja {
namespace {

/// Walks through a template and takes down the names.
class Reader {
 public:
  explicit Reader(NameUses& uses) : uses_(uses) {}

  void read(const Block& block) {
    for (const Statement& statement : block)
      std::visit([&](const auto& node) { read_node(node); }, statement.node);
  }

 private:
  void read(const Expression& expression) {
    std::visit([&](const auto& node) { read_node(node); }, expression.node);
  }
  void read(const ExpressionPtr& expression) {
    if (expression) read(*expression);
  }
  void read(const ArgumentList& list) {
    for (const Expression& argument : list.positional) read(argument);
    for (const NamedArgument& argument : list.named) read(argument.value);
    read(list.more_positional);
    read(list.more_named);
  }

  /// Whether the object is a name, of which `key` is then taken down.
  bool read_member(const Expression& object, std::string_view key) {
    const auto* name = std::get_if<Name>(&object.node);
    if (name != nullptr) uses_[name->name].members.emplace(key);
    return name != nullptr;
  }
  static std::optional<std::string_view> literal_text(const Expression& expression) {
    const auto* literal = std::get_if<Literal>(&expression.node);
    if (literal == nullptr || literal->value.text() == nullptr) return std::nullopt;
    return literal->value.text()->bytes();
  }

  // Expressions
  void read_node(const Literal&) {}
  void read_node(const Name& name) { uses_[name.name].as_a_whole = true; }
  void read_node(const ListLiteral& list) {
    for (const Expression& item : list.items) read(item);
  }
  void read_node(const DictLiteral& dict) {
    for (const auto& [key, value] : dict.entries) {
      read(key);
      read(value);
    }
  }
  void read_node(const AttributeOf& attribute) {
    if (!read_member(*attribute.object, attribute.name)) read(*attribute.object);
  }
  void read_node(const ItemOf& item) {
    const auto key = literal_text(*item.index);
    if (!key || !read_member(*item.object, *key)) read(*item.object);
    read(*item.index);
  }
  void read_node(const SliceOf& slice) {
    read(slice.object);
    read(slice.start);
    read(slice.stop);
    read(slice.step);
  }
  void read_node(const CallOf& call) {
    read(call.arguments);
    const auto* method = std::get_if<AttributeOf>(&call.callee->node);
    if (method == nullptr) {
      read(*call.callee);
      return;
    }
    const auto& arguments = call.arguments.positional;
    const auto key = arguments.empty() ? std::nullopt : literal_text(arguments.front());
    if (method->name == "get" && key && read_member(*method->object, *key)) return;
    read(*method->object);  // any other method may look at all of it
  }
  void read_node(const FilterOf& filter) {
    read(filter.input);
    read(filter.arguments);
  }
  void read_node(const TestOf& test) {
    read(test.input);
    read(test.arguments);
  }
  void read_node(const Unary& unary) { read(unary.operand); }
  void read_node(const Binary& binary) {
    read(binary.left);
    read(binary.right);
  }
  void read_node(const Comparison& comparison) {
    read(comparison.first);
    for (const ComparisonStep& step : comparison.rest) read(step.operand);
  }
  void read_node(const Concatenation& concatenation) {
    for (const Expression& part : concatenation.parts) read(part);
  }
  void read_node(const Conditional& conditional) {
    read(conditional.condition);
    read(conditional.then);
    read(conditional.otherwise);
  }

  // Statements
  void read_node(const Data&) {}
  void read_node(const Output& output) { read(output.value); }
  void read_node(const If& statement) {
    for (const If::Branch& branch : statement.branches) {
      read(branch.condition);
      read(branch.block);
    }
    read(statement.otherwise);
  }
  void read_node(const For& loop) {
    read(loop.iterable);
    read(loop.condition);
    read(loop.block);
    read(loop.otherwise);
  }
  void read_node(const Set& set) { read(set.value); }
  void read_node(const SetBlock& set) {
    read(set.filter);
    read(set.block);
  }
  void read_node(const Macro& macro) { read(macro.body); }
  void read(const MacroBody& body) {
    for (const Parameter& parameter : body.parameters) read(parameter.default_value);
    read(body.block);
  }
  void read_node(const CallBlock& block) {
    read(block.call);
    read(block.caller);
  }
  void read_node(const FilterBlock& block) {
    read(block.filter);
    read(block.block);
  }
  void read_node(const With& with) {
    for (const With::Assignment& assignment : with.assignments) read(assignment.value);
    read(with.block);
  }
  void read_node(const Generation& generation) { read(generation.block); }
  void read_node(const Autoescape& autoescape) {
    read(autoescape.condition);
    read(autoescape.block);
  }
  void read_node(const Break&) {}
  void read_node(const Continue&) {}

  NameUses& uses_;
};

}  // namespace

NameUses names_read_by(const Block& block) {
  NameUses uses;
  Reader(uses).read(block);
  return uses;
}

}  // namespace hearth::jinja
