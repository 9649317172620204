#include "engine/grammar/json_schema/machine.h"

#include <algorithm>

namespace hearth::json_schema {

size_t Machine::member(Member member) {
  const auto known = std::find(members.begin(), members.end(), member);
  if (known != members.end()) return static_cast<size_t>(known - members.begin());
  members.push_back(std::move(member));
  return members.size() - 1;
}

void Machine::drop_dead_ends() {
  std::vector<std::vector<size_t>> from(states.size());
  std::vector<bool> alive(states.size());
  std::vector<size_t> waiting;
  for (size_t state = 0; state < states.size(); ++state) {
    for (const Move& move : states[state].moves) from[move.to].push_back(state);
    if (!states[state].accepts) continue;
    alive[state] = true;
    waiting.push_back(state);
  }
  while (!waiting.empty()) {
    const size_t state = waiting.back();
    waiting.pop_back();
    for (const size_t before : from[state]) {
      if (alive[before]) continue;
      alive[before] = true;
      waiting.push_back(before);
    }
  }
  for (State& state : states) {
    std::erase_if(state.moves, [&](const Move& move) { return !alive[move.to]; });
  }
  can_end = !states.empty() && alive.front();
}

std::vector<CountedWay> counted_ways(FormulaId value, const std::vector<size_t>& counts,
                                     const std::vector<FormulaId>& asked, Formulas& formulas) {
  std::vector<CountedWay> ways = {{value, {}}};
  for (const size_t count : counts) {
    std::vector<CountedWay> divided;
    for (const CountedWay& way : ways) {
      CountedWay with = way;
      with.value = formulas.both(way.value, asked[count]);
      with.counted.push_back(count);
      if (with.value != kNever) divided.push_back(std::move(with));
      const FormulaId without = formulas.both(way.value, formulas.negated(asked[count]));
      if (without != kNever) divided.push_back({without, way.counted});
    }
    ways = std::move(divided);
  }
  return ways;
}

std::optional<std::vector<uint64_t>> counted_up(const std::vector<uint64_t>& counts,
                                                const std::vector<size_t>& counted,
                                                const std::vector<CountBounds>& bounds) {
  std::vector<uint64_t> after = counts;
  for (const size_t count : counted) {
    if (bounds[count].most && after[count] == *bounds[count].most) return std::nullopt;
    after[count] = std::min(after[count] + 1, bounds[count].most.value_or(bounds[count].least));
  }
  return after;
}

bool enough(const std::vector<uint64_t>& counts, const std::vector<CountBounds>& bounds) {
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] < bounds[i].least) return false;
  }
  return true;
}

}  // namespace hearth::json_schema
