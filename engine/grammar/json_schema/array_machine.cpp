#include "engine/grammar/json_schema/array_machine.h"

#include <algorithm>
#include <utility>

namespace hearth::json_schema {
namespace {

constexpr size_t kMostItemCounts = 6;  // 64 kinds of items

class ArrayMachine {
 public:
  ArrayMachine(const ArraySet& array, Formulas& formulas, const Algebra::IsEmpty& is_empty)
      : array_(array), formulas_(formulas), is_empty_(is_empty) {
    told_apart_ = std::max<uint64_t>({1, array.first.size(), array.least, array.most.value_or(0)});
    for (const ItemCount& count : array.counts) {
      told_apart_ = std::max(told_apart_, count.from);
      bounds_.push_back({count.least, count.most});
      asked_.push_back(count.items);
    }
  }

  Result<Machine> run() {
    keys_.number({0, std::vector<uint64_t>(bounds_.size())});
    while (const Key* key = keys_.take()) {
      const auto [position, counts] = *key;
      Machine::State state;
      state.started = position > 0;
      state.accepts = position >= array_.least && enough(counts, bounds_);
      if (!array_.most || position < *array_.most) add_moves(position, counts, state);
      machine_.states.push_back(std::move(state));
      if (keys_.too_many() || bounds_.size() > kMostItemCounts) {
        return Error{ErrorCode::kUnsupported, "the items cannot be counted in " +
                                                  std::to_string(kMostMachineStates) +
                                                  " states; make the bounds smaller"};
      }
    }
    machine_.drop_dead_ends();
    return std::move(machine_);
  }

 private:
  using Key = std::pair<uint64_t, std::vector<uint64_t>>;  // the position, as far as it matters, and counts

  void add_moves(uint64_t position, const std::vector<uint64_t>& counts, Machine::State& state) {
    std::vector<size_t> changing;
    for (size_t i = 0; i < array_.counts.size(); ++i) {
      if (position >= array_.counts[i].from) changing.push_back(i);
    }
    const FormulaId item = position < array_.first.size() ? array_.first[position] : array_.rest;
    for (const CountedWay& way : counted_ways(item, changing, asked_, formulas_)) {
      const auto after = counted_up(counts, way.counted, bounds_);
      if (!after || is_empty_(way.value)) continue;
      const size_t to = keys_.number({std::min(position + 1, told_apart_), *after});
      state.moves.push_back({machine_.member({"", std::nullopt, way.value}), false, to});
    }
  }

  const ArraySet& array_;
  Formulas& formulas_;
  const Algebra::IsEmpty& is_empty_;
  uint64_t told_apart_ = 0;  // further positions are alike
  std::vector<CountBounds> bounds_;
  std::vector<FormulaId> asked_;
  MachineKeys<Key> keys_;
  Machine machine_;
};

}  // namespace

Result<Machine> array_machine(const ArraySet& array, Formulas& formulas, const Algebra::IsEmpty& is_empty) {
  return ArrayMachine(array, formulas, is_empty).run();
}

}  // namespace hearth::json_schema
