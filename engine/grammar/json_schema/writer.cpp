#include "engine/grammar/json_schema/writer.h"

#include <algorithm>

#include "engine/grammar/json_schema/array_machine.h"
#include "engine/grammar/json_schema/numbers.h"

namespace hearth::json_schema {
namespace {

constexpr int32_t kDeepestIndent = 80;
constexpr size_t kItemsOfRule = 40;  // that have their own formulas, one within the other

}  // namespace

Writer::Writer(Solver& solver, const Notation& notation) : solver_(solver), notation_(notation) {
  for (const Quoting& quoting : notation_.quotings) {
    texts_.emplace_back(builder_, quoting, mark_expression(quoting.mark, notation_.tokens, builder_));
  }
  const ExpressionId indent =
      builder_.repeat(builder_.characters({{' ', ' '}, {'\t', '\t'}}), 0, kDeepestIndent);
  const ExpressionId line = sequence({builder_.optional(builder_.text("\r")), builder_.text("\n"), indent});
  const ExpressionId ways[] = {builder_.empty(), builder_.text(" "), line};
  space_ = rule("space", builder_.choice(ways));
  const ExpressionId blank = builder_.optional(builder_.text(" "));
  comma_ = sequence({builder_.text(","), space_});
  colon_ = sequence({blank, builder_.text(":"), blank});
}

ExpressionId Writer::rule(const std::string& name, ExpressionId body) {
  const RuleId id = builder_.declare(name);
  builder_.define(id, body);
  return builder_.reference(id);
}

Result<Grammar> Writer::write(FormulaId root) {
  value(root);
  return finish(rules_.at(root));
}

Result<Grammar> Writer::finish(RuleId root) {
  while (!waiting_.empty() && !builder_.too_large()) {
    const auto [id, of_id] = waiting_.front();
    waiting_.pop_front();
    HEARTH_ASSIGN(const ExpressionId expression, body(id));
    builder_.define(of_id, expression);
  }
  return builder_.finish(root);
}

ExpressionId Writer::value(FormulaId id) {
  const auto known = rules_.find(id);
  if (known != rules_.end()) return builder_.reference(known->second);
  const std::string pointer = solver_.pointer_of(id);
  const RuleId rule = builder_.declare(id == kAny ? "value" : "#" + pointer);
  rules_.emplace(id, rule);
  waiting_.emplace_back(id, rule);
  return builder_.reference(rule);
}

Result<ExpressionId> Writer::body(FormulaId id) {
  HEARTH_ASSIGN(const ValueSet* set, solver_.values(id));
  const std::string pointer = solver_.pointer_of(id);
  const std::string name = "#" + pointer + "-" + std::to_string(id.index);
  std::vector<ExpressionId> ways;
  for (const ObjectSet& each : set->objects) {
    HEARTH_ASSIGN(const ExpressionId way,
                  located(object(each, name + "-" + std::to_string(ways.size())), pointer));
    ways.push_back(way);
  }
  for (const ArraySet& each : set->arrays) {
    HEARTH_ASSIGN(const ExpressionId way,
                  located(array(each, name + "-" + std::to_string(ways.size())), pointer));
    ways.push_back(way);
  }
  if (!set->strings.texts.empty()) {
    HEARTH_ASSIGN(const ExpressionId way, located(strings(set->strings), pointer));
    ways.push_back(way);
  }
  if (!set->numbers.empty()) {
    HEARTH_ASSIGN(const ExpressionId way, located(number(*set), pointer));
    ways.push_back(way);
  }
  if (set->truth) ways.push_back(builder_.text(notation_.truth));
  if (set->falsehood) ways.push_back(builder_.text(notation_.falsehood));
  if (set->null) ways.push_back(builder_.text(notation_.null));
  return ways.size() == 1 ? ways.front() : builder_.choice(ways);
}

Result<ExpressionId> Writer::number(const ValueSet& set) {
  const bool old = solver_.document().draft() == 4;  // where 1.0 is no integer
  if (set.numbers == all_numbers()) return any_number(false);
  if (set.numbers == whole_numbers() && !old) return any_number(true);
  HEARTH_ASSIGN(const RegularSet broken, set.numbers - whole_numbers());
  HEARTH_ASSIGN(RegularSet numbers, without_padding(set.numbers, !old || !broken.empty()));
  if (set.near_bounds) {
    HEARTH_ASSIGN(numbers, numbers & exact_numbers());
  }
  return texts_.front().plain(numbers);
}

/// A number whose size does not matter, so that it may have an exponent: one with which no number of so many
/// digits leaves the range of double precision.
ExpressionId Writer::any_number(bool whole) {
  const ExpressionId digit = builder_.characters({{'0', '9'}});
  const ExpressionId zero = builder_.text("0");
  const ExpressionId more_digits = builder_.repeat(digit, 0, kMostDigits - 1);
  const ExpressionId before[] = {zero, sequence({builder_.characters({{'1', '9'}}), more_digits})};
  const ExpressionId behind = whole ? builder_.repeat(zero, 1, 2) : builder_.repeat(digit, 1, kMostDigits);
  const ExpressionId hundreds[] = {sequence({builder_.text("1"), digit, digit}),
                                   sequence({builder_.text("2"), builder_.characters({{'0', '7'}}), digit}),
                                   builder_.repeat(digit, 1, 2)};
  const ExpressionId sign = whole ? builder_.text("+") : builder_.characters({{'+', '+'}, {'-', '-'}});
  const ExpressionId exponent = sequence(
      {builder_.characters({{'e', 'e'}, {'E', 'E'}}), builder_.optional(sign), builder_.choice(hundreds)});
  return sequence({builder_.optional(builder_.text("-")), builder_.choice(before),
                   builder_.optional(sequence({builder_.text("."), behind})), builder_.optional(exponent)});
}

Result<ExpressionId> Writer::array(const ArraySet& array, const std::string& name) {
  if (!array.unique.empty()) return unlike_items(array);
  if (array.counts.empty()) {
    return sequence({builder_.text("["), items(array)});
  }
  HEARTH_ASSIGN(const Machine machine, array_machine(array, solver_.formulas(), solver_.emptiness()));
  return members(machine, row_of_items(), name);
}

/// What follows the bracket: from the last item that has its own formula to the first.
ExpressionId Writer::items(const ArraySet& array) {
  const auto counted = [](uint64_t number) {
    return static_cast<int32_t>(std::min<uint64_t>(number, 1'000'000'000));
  };
  const ExpressionId closing = sequence({space_, builder_.text("]")});
  // With k items before it, how often the rest may come; never where it can't be.
  const auto more = [&](uint64_t before, uint64_t already) {
    const uint64_t least = array.least > before + already ? array.least - before - already : 0;
    const int32_t most = array.most ? counted(*array.most - before - already) : kNoLimit;
    return builder_.repeat(sequence({comma_, value(array.rest)}), counted(least), most);
  };
  const size_t first = array.first.size();
  const bool no_rest =
      array.rest == kNever || (array.most && *array.most <= first) || solver_.is_empty(array.rest);
  ExpressionId rest = array.least > first ? builder_.never() : closing;
  if (!no_rest) rest = sequence({more(first, 0), closing});
  for (size_t i = first; i-- > 1;) {
    const ExpressionId item = sequence({comma_, value(array.first[i]), rest});
    const ExpressionId ways[] = {item, closing};
    rest = i >= array.least ? builder_.choice(ways) : item;
    if (i % kItemsOfRule == 0) rest = rule("items", rest);
  }
  std::vector<ExpressionId> ways;
  if (array.least == 0) ways.push_back(closing);
  if (first > 0) {
    ways.push_back(sequence({space_, value(array.first[0]), rest}));
  } else if (!no_rest) {
    ways.push_back(sequence({space_, value(array.rest), more(0, 1), closing}));
  }
  return builder_.choice(ways);
}

Result<ExpressionId> Writer::strings(const StringSet& set) {
  std::vector<ExpressionId> ways;
  for (TextWriter& text : texts_) {
    HEARTH_ASSIGN(const ExpressionId way, text.strings(set));
    ways.push_back(way);
  }
  return builder_.choice(ways);
}

Result<ExpressionId> Writer::string(const std::string& text) {
  std::vector<ExpressionId> ways;
  for (TextWriter& writer : texts_) {
    HEARTH_ASSIGN(const ExpressionId way, writer.string(text));
    ways.push_back(way);
  }
  return builder_.choice(ways);
}

std::string_view Writer::word(std::string_view json) const {
  if (json == "null") return notation_.null;
  return json == "true" ? notation_.truth : notation_.falsehood;
}

}  // namespace hearth::json_schema
