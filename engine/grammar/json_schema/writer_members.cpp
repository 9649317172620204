#include <algorithm>
#include <utility>

#include "engine/grammar/graph_expression.h"
#include "engine/grammar/json_schema/finite_values.h"
#include "engine/grammar/json_schema/object_machine.h"
#include "engine/grammar/json_schema/writer.h"

namespace hearth::json_schema {
namespace {

// Properties that may come in any order where some members are counted: each set of them is a state, of which
// a grammar has room for so many.
constexpr size_t kMostInAnyOrder = 8;
constexpr size_t kMostStatesInAnyOrder = 3000;
constexpr uint64_t kMostCounted = 1'000'000'000;

int32_t counted(uint64_t number) { return static_cast<int32_t>(std::min(number, kMostCounted)); }

/// How many members an object must and may have in all; nothing where only some are counted.
std::optional<CountBounds> bounds_of_all(const ObjectSet& object) {
  CountBounds bounds = {0, std::nullopt};
  for (const MemberCount& count : object.counts) {
    if (count.values != kAny || !(count.keys == RegularSet::all())) return std::nullopt;
    bounds.least = std::max(bounds.least, count.least);
    if (count.most) bounds.most = std::min(*count.most, bounds.most.value_or(*count.most));
  }
  return bounds;
}

}  // namespace

Result<ExpressionId> Writer::object(const ObjectSet& object, const std::string& name) {
  const auto member = [this](const Machine::Member& each) -> Result<ExpressionId> {
    HEARTH_ASSIGN(const ExpressionId key, this->key(each));
    return sequence({key, colon_, value(each.value)});
  };
  const ExpressionId end = sequence({space_, builder_.text("}")});
  return this->object(object, {builder_.text("{"), space_, comma_, end, member}, name);
}

Result<ExpressionId> Writer::object(const ObjectSet& object, const Row& row, const std::string& name) {
  HEARTH_ASSIGN(const PossibleMembers possible, possible_members(object, solver_.emptiness()));
  const std::optional<CountBounds> bounds = bounds_of_all(object);
  const auto required =
      static_cast<uint64_t>(std::count_if(possible.properties.begin(), possible.properties.end(),
                                          [](const Property* property) { return property->required; }));
  // Members of any keys may be written twice, so that two of them need not be two.
  const bool countable = bounds && (possible.others.empty() || bounds->least <= required + 1) &&
                         (!bounds->most || *bounds->most >= std::max(bounds->least, required));
  if (countable && !is_record(possible)) {
    const uint64_t least = bounds->least > required ? bounds->least - required : 0;
    const int32_t most = bounds->most ? counted(*bounds->most - required) : kNoLimit;
    return in_any_order(possible, row, counted(least), most);
  }
  size_t any_order = kMostInAnyOrder;
  while (any_order > 0 && states_in_any_order_ + (size_t{1} << any_order) > kMostStatesInAnyOrder)
    --any_order;
  HEARTH_ASSIGN(const Machine machine,
                object_machine(object, solver_.formulas(), solver_.emptiness(), any_order));
  if (possible.properties.size() <= any_order) states_in_any_order_ += machine.states.size();
  return members(machine, row, name);
}

Result<ExpressionId> Writer::in_any_order(const PossibleMembers& possible, const Row& row, int32_t least,
                                          int32_t most) {
  MemberParts parts = {.separator = row.between, .least = least, .most = most};
  for (const Property* property : possible.properties) {
    HEARTH_ASSIGN(const ExpressionId part, row.member({property->name, std::nullopt, property->value}));
    (property->required ? parts.required : parts.optional).push_back(part);
  }
  for (const KeyClass& other : possible.others) {
    HEARTH_ASSIGN(const ExpressionId part, row.member({"", other.keys, other.value}));
    parts.repeated.push_back(part);
  }
  return enclosed(row, parts);
}

ExpressionId Writer::enclosed(const Row& row, const MemberParts& parts) {
  const ExpressionId some = sequence({row.before_first, builder_.members(parts), row.end});
  const bool none = parts.required.empty() && parts.least == 0;
  const ExpressionId ways[] = {some, row.end};
  return sequence({row.opening, none ? builder_.choice(ways) : some});
}

Result<ExpressionId> Writer::members(const Machine& machine, const Row& row, const std::string& name) {
  if (!machine.can_end) return builder_.never();
  std::vector<ExpressionId> written;
  for (const Machine::Member& each : machine.members) {
    HEARTH_ASSIGN(const ExpressionId member, row.member(each));
    written.push_back(row.has_names ? rule(name + "." + std::to_string(written.size()), member) : member);
  }
  ExpressionGraph graph;
  for (const Machine::State& state : machine.states) {
    ExpressionGraph::Node node;
    for (const Machine::Move& move : state.moves) {
      ExpressionId reads = builder_.empty();
      if (move.member) {
        reads = sequence({state.started ? row.between : row.before_first, written[*move.member]});
      }
      node.edges.push_back({move.may_be_left_out ? builder_.optional(reads) : reads, move.to});
    }
    if (state.accepts) node.end = row.end;
    graph.nodes.push_back(std::move(node));
  }
  return sequence({row.opening, expression_of(graph, builder_, name)});
}

Result<ExpressionId> Writer::key(const Machine::Member& member) {
  if (notation_.bare_keys && !member.keys && is_word(member.name)) return builder_.text(member.name);
  if (!member.keys) return string(member.name);
  std::vector<ExpressionId> ways;
  if (notation_.bare_keys) {
    HEARTH_ASSIGN(const RegularSet words, all_words() & *member.keys);
    ways.push_back(texts_.front().plain(words));
  }
  for (TextWriter& text : texts_) {
    HEARTH_ASSIGN(const ExpressionId way, text.strings(*member.keys));
    ways.push_back(way);
  }
  return builder_.choice(ways);
}

Writer::Row Writer::row_of_items() {
  const auto item = [this](const Machine::Member& member) -> Result<ExpressionId> {
    return value(member.value);
  };
  const ExpressionId end = sequence({space_, builder_.text("]")});
  return {builder_.text("["), space_, comma_, end, item, false};
}

Result<ExpressionId> Writer::unlike_items(const ArraySet& array) {
  const auto refused = [&array] {
    return schema_error(ErrorCode::kUnsupported, array.unique,
                        "uniqueItems is supported where the items are of a list of at most " +
                            std::to_string(kMostFiniteValues) +
                            " scalar values: a grammar cannot remember any others");
  };
  if (!array.first.empty() || !array.counts.empty()) return refused();
  HEARTH_ASSIGN(const ValueSet* set, solver_.values(array.rest));
  HEARTH_ASSIGN(const std::optional<FiniteValues> values, finite_values(*set));
  if (!values) return refused();
  MemberParts parts = {.separator = comma_, .least = counted(array.least)};
  if (array.most) parts.most = counted(*array.most);
  for (const std::string& json : values->words) parts.optional.push_back(builder_.text(word(json)));
  for (const std::string& text : values->strings) {
    HEARTH_ASSIGN(const ExpressionId written, string(text));
    parts.optional.push_back(written);
  }
  for (const RegularSet& number : values->numbers) parts.optional.push_back(texts_.front().plain(number));
  return enclosed(row_of_items(), parts);
}

}  // namespace hearth::json_schema
