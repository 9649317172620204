#include "engine/grammar/json_schema/arguments_writer.h"

#include <algorithm>

#include "engine/text/answer/pattern.h"
#include "engine/text/answer/tool_schemas.h"

namespace hearth::json_schema {
namespace {

using Syntax = ArgumentNotation::Syntax;

constexpr std::string_view kKey = "$key";
constexpr std::string_view kValue = "$value";
constexpr std::string_view kString = "$string";

std::string_view before(std::string_view pattern, std::string_view placeholder) {
  return pattern.substr(0, pattern.find(placeholder));
}

std::string_view behind(std::string_view pattern, std::string_view placeholder) {
  return pattern.substr(pattern.find(placeholder) + placeholder.size());
}

/// The mark at which a value between tags ends, with or without a line's end before it.
std::string end_of_value(const ArgumentNotation& arguments) {
  if (arguments.syntax != Syntax::kTagged) return "";
  const std::string_view end = behind(arguments.parameter, kValue);
  return std::string(end.substr(space_length(end)));
}

}  // namespace

Notation notation_of(const ArgumentNotation& arguments) {
  switch (arguments.syntax) {
    case Syntax::kJson:
      break;
    case Syntax::kPython:
      return {.quotings = {{"\""}, {"'"}}, .truth = "True", .falsehood = "False", .null = "None"};
    case Syntax::kBareKeys:
      return {.quotings = {{arguments.quote, false, arguments.quote}},
              .bare_keys = true,
              .tokens = arguments.tokens};
    case Syntax::kTagged:
      return {.quotings = {{"\"", true, end_of_value(arguments)}}};
  }
  return {};
}

ArgumentsWriter::ArgumentsWriter(Solver& solver, const ArgumentNotation& arguments)
    : Writer(solver, notation_of(arguments)),
      arguments_(arguments),
      plain_(builder_, {"", false, end_of_value(arguments)}, builder_.empty()),
      gap_(builder_.optional(builder_.characters({{'\n', '\n'}, {' ', ' '}}))) {}

Result<Grammar> ArgumentsWriter::write(FormulaId root) {
  HEARTH_ASSIGN(const ValueSet* set, solver_.values(root));
  std::vector<ExpressionId> ways;
  for (const ObjectSet& object : set->objects) {
    HEARTH_ASSIGN(const ExpressionId way,
                  located(call(object, "arguments-" + std::to_string(ways.size())), ""));
    ways.push_back(way);
  }
  const RuleId rule = builder_.declare("arguments");
  builder_.define(rule, builder_.choice(ways));
  return finish(rule);
}

Result<ExpressionId> ArgumentsWriter::call(const ObjectSet& object, const std::string& name) {
  const bool is_python = arguments_.syntax == Syntax::kPython;
  if (!is_python && arguments_.syntax != Syntax::kTagged) return this->object(object, name);
  for (const Property& property : object.properties) {
    if (!property.required || is_word(property.name)) continue;
    return Error{ErrorCode::kUnsupported, "the name \"" + property.name +
                                              "\" cannot be written in a call of this model; rename it to "
                                              "letters, digits and _"};
  }
  if (is_python) {
    const auto argument = [this](const Machine::Member& member) { return python_argument(member); };
    const ExpressionId end = sequence({space_, builder_.text(")")});
    return this->object(object, {builder_.text("("), space_, comma_, end, argument}, name);
  }
  // What each tag begins with stands between the arguments.
  const ExpressionId tag = sequence({gap_, pattern(before(arguments_.parameter, kKey))});
  const ExpressionId end = sequence({gap_, mark_expression(arguments_.end, arguments_.tokens, builder_)});
  const auto argument = [this](const Machine::Member& member) { return tagged_argument(member); };
  return this->object(object, {builder_.empty(), tag, tag, end, argument}, name);
}

Result<ExpressionId> ArgumentsWriter::python_argument(const Machine::Member& member) {
  HEARTH_ASSIGN(const ExpressionId name, name_of(member));
  return sequence({name, builder_.text("="), value(member.value)});
}

Result<ExpressionId> ArgumentsWriter::tagged_argument(const Machine::Member& member) {
  HEARTH_ASSIGN(const ExpressionId name, name_of(member));
  HEARTH_ASSIGN(const ExpressionId value, located(tagged_value(member), solver_.pointer_of(member.value)));
  return sequence({name, value, pattern(behind(arguments_.parameter, kValue))});
}

/// A value with what stands between it and the name. What the reader takes for a string is written as one.
Result<ExpressionId> ArgumentsWriter::tagged_value(const Machine::Member& member) {
  const std::string_view opening = before(behind(arguments_.parameter, kKey), kValue);
  HEARTH_ASSIGN(const ValueSet* set, solver_.values(member.value));
  if (opening.find(kString) != std::string_view::npos) {
    const auto typed = [&](std::string_view is_string, ExpressionId value) {
      return sequence({pattern(before(opening, kString)), builder_.text(is_string),
                       pattern(behind(opening, kString)), value});
    };
    HEARTH_ASSIGN(const ExpressionId text, plain_.strings(set->strings));
    const ExpressionId ways[] = {typed("true", text), typed("false", value(member.value))};
    return builder_.choice(ways);
  }
  const Json& schema = *solver_.document()[solver_.document().root()].schema;
  const std::optional<bool> is_string = member.keys ? std::nullopt : takes_string(schema, member.name);
  const bool is_anything = !is_string && *set == ValueSet::any();
  if (!is_anything && !is_string.value_or(false)) {
    return sequence({pattern(opening), value(member.value)});
  }
  HEARTH_ASSIGN(const ExpressionId text, plain_.strings(set->strings));
  return sequence({pattern(opening), text});
}

Result<ExpressionId> ArgumentsWriter::name_of(const Machine::Member& member) {
  if (!member.keys) return is_word(member.name) ? builder_.text(member.name) : builder_.never();
  HEARTH_ASSIGN(const RegularSet words, all_words() & *member.keys);
  return plain_.plain(words);
}

/// A pattern without placeholders, as models write it. Before a word, a blank is one.
ExpressionId ArgumentsWriter::pattern(std::string_view pattern) {
  std::vector<ExpressionId> parts;
  while (!pattern.empty()) {
    const std::string_view mark = first_mark(pattern);
    const bool is_before_word = pattern.size() > 1 && pattern[1] >= 'a' && pattern[1] <= 'z';
    if (!mark.empty())
      parts.push_back(mark_expression(mark, arguments_.tokens, builder_));
    else if (pattern.front() == ' ' && !is_before_word)
      parts.push_back(gap_);
    else
      parts.push_back(builder_.text(pattern.substr(0, 1)));
    pattern.remove_prefix(std::max<size_t>(mark.size(), 1));
  }
  return builder_.sequence(parts);
}

}  // namespace hearth::json_schema
