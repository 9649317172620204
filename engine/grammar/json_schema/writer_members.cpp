#include <algorithm>
#include <utility>

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
    return in_any_order(possible, counted(least), most);
  }
  size_t any_order = kMostInAnyOrder;
  while (any_order > 0 && states_in_any_order_ + (size_t{1} << any_order) > kMostStatesInAnyOrder)
    --any_order;
  HEARTH_ASSIGN(const Machine machine,
                object_machine(object, solver_.formulas(), solver_.emptiness(), any_order));
  if (possible.properties.size() <= any_order) states_in_any_order_ += machine.states.size();
  HEARTH_ASSIGN(const ExpressionId rest, members(machine, '}', name));
  return sequence({builder_.text("{"), rest});
}

Result<ExpressionId> Writer::in_any_order(const PossibleMembers& possible, int32_t least, int32_t most) {
  MemberParts parts = {.separator = comma_, .least = least, .most = most};
  for (const Property* property : possible.properties) {
    const ExpressionId part = sequence({text_.string(property->name), colon_, value(property->value)});
    (property->required ? parts.required : parts.optional).push_back(part);
  }
  for (const KeyClass& other : possible.others) {
    parts.repeated.push_back(sequence({text_.strings(other.keys), colon_, value(other.value)}));
  }
  return enclosed('{', parts, '}');
}

ExpressionId Writer::enclosed(char opening, const MemberParts& parts, char closing) {
  const ExpressionId end = sequence({space_, builder_.text(std::string(1, closing))});
  const ExpressionId some = sequence({space_, builder_.members(parts), end});
  const bool none = parts.required.empty() && parts.least == 0;
  const ExpressionId ways[] = {some, end};
  return sequence({builder_.text(std::string(1, opening)), none ? builder_.choice(ways) : some});
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
  for (const std::string& word : values->words) parts.optional.push_back(builder_.text(word));
  for (const std::string& text : values->strings) parts.optional.push_back(text_.string(text));
  for (const RegularSet& number : values->numbers) parts.optional.push_back(text_.plain(number));
  return enclosed('[', parts, ']');
}

}  // namespace hearth::json_schema
