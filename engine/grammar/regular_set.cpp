#include "engine/grammar/regular_set.h"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include "engine/grammar/regular_set_minimal.h"

namespace hearth {
namespace {

constexpr char32_t kLastOfAll = 0x10FFFF;
constexpr uint32_t kOutside = UINT32_MAX;  // of a set: no state accepts what follows

/// Where each set goes by the characters of a range.
struct SharedStep {
  CodePointRange range;
  uint32_t a;
  uint32_t b;
};

std::span<const RegularSet::Arc> arcs_of(const RegularSet& set, uint32_t state) {
  if (state == kOutside) return {};
  return set.states()[state].arcs;
}

/// Both states' arcs cut into ranges by which neither divides.
std::vector<SharedStep> steps(std::span<const RegularSet::Arc> a, std::span<const RegularSet::Arc> b) {
  std::vector<SharedStep> steps;
  char32_t at = 0;
  const auto end_of = [&at](std::span<const RegularSet::Arc> arcs) {
    if (arcs.empty()) return kLastOfAll;
    return arcs.front().first > at ? static_cast<char32_t>(arcs.front().first - 1) : arcs.front().last;
  };
  while (!a.empty() || !b.empty()) {
    const auto target = [&at](std::span<const RegularSet::Arc> arcs) {
      return !arcs.empty() && arcs.front().first <= at ? arcs.front().to : kOutside;
    };
    const char32_t last = std::min(end_of(a), end_of(b));
    if (target(a) != kOutside || target(b) != kOutside) steps.push_back({{at, last}, target(a), target(b)});
    at = last + 1;
    while (!a.empty() && a.front().last < at) a = a.subspan(1);
    while (!b.empty() && b.front().last < at) b = b.subspan(1);
  }
  return steps;
}

/// The texts of which `wanted(in a, in b)` holds; it must not hold of those that are in neither.
template <typename Wanted>
Result<RegularSet> combined(const RegularSet& a, const RegularSet& b, Wanted wanted) {
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> numbers = {{{0, 0}, 0}};
  std::deque<std::pair<uint32_t, uint32_t>> waiting = {{0, 0}};
  std::vector<RegularSet::State> states;
  size_t arcs = 0;
  const auto accepts = [](const RegularSet& set, uint32_t state) {
    return state != kOutside && set.states()[state].accepts;
  };
  for (; !waiting.empty(); waiting.pop_front()) {
    const auto [in_a, in_b] = waiting.front();
    RegularSet::State state;
    state.accepts = wanted(accepts(a, in_a), accepts(b, in_b));
    for (const SharedStep& step : steps(arcs_of(a, in_a), arcs_of(b, in_b))) {
      if (!wanted(step.a != kOutside, step.b != kOutside) && !wanted(step.a != kOutside, false)) continue;
      const auto [entry, is_new] = numbers.try_emplace({step.a, step.b}, numbers.size());
      if (is_new) waiting.push_back(entry->first);
      state.arcs.push_back({step.range.first, step.range.last, entry->second});
    }
    arcs += state.arcs.size();
    states.push_back(std::move(state));
    if (numbers.size() > kMostRegularStates || arcs > kMostRegularArcs) return too_many_regular_states();
  }
  return RegularSet(std::move(states));
}

}  // namespace

Error too_many_regular_states() {
  return {ErrorCode::kUnsupported, "a pattern, or patterns and lengths together, need more than " +
                                       std::to_string(kMostRegularStates) +
                                       " states; make the repetitions or lengths smaller"};
}

RegularSet::RegularSet() : RegularSet(std::vector<State>(1)) {}

RegularSet::RegularSet(std::vector<State> states)
    : states_(std::make_shared<const std::vector<State>>(minimal_states(std::move(states)))) {}

RegularSet RegularSet::all() {
  static const RegularSet kAll = [] {
    State state;
    const CodePoints any = CodePoints::all();
    for (const CodePointRange& range : any.ranges()) {
      state.arcs.push_back({range.first, range.last, 0});
    }
    state.accepts = true;
    return RegularSet({state});
  }();
  return kAll;
}

RegularSet RegularSet::any_of(std::span<const std::string> texts) {
  std::vector<State> states(1);
  for (std::string_view text : texts) {
    uint32_t at = 0;
    while (!text.empty()) {
      const Utf8Character character = decode_utf8(text);
      text.remove_prefix(character.bytes);
      std::vector<Arc>& arcs = states[at].arcs;
      auto arc = std::find_if(arcs.begin(), arcs.end(),
                              [&](const Arc& each) { return each.first >= character.code_point; });
      if (arc == arcs.end() || arc->first != character.code_point) {
        const auto next = static_cast<uint32_t>(states.size());
        arcs.insert(arc, {character.code_point, character.code_point, next});
        at = next;
        states.emplace_back();
      } else {
        at = arc->to;
      }
    }
    states[at].accepts = true;
  }
  return RegularSet(std::move(states));
}

RegularSet RegularSet::of_length(uint64_t least, std::optional<uint64_t> most) {
  const uint64_t counted = most.value_or(least);
  std::vector<State> states(counted + 1);
  const CodePoints any = CodePoints::all();
  for (uint64_t length = 0; length <= counted; ++length) {
    states[length].accepts = length >= least;
    if (length == counted && most) break;
    const auto next = static_cast<uint32_t>(std::min(length + 1, counted));
    for (const CodePointRange& range : any.ranges()) {
      states[length].arcs.push_back({range.first, range.last, next});
    }
  }
  return RegularSet(std::move(states));
}

RegularSet RegularSet::without(std::string_view mark) {
  std::u32string wanted;
  while (!mark.empty()) {
    const Utf8Character character = decode_utf8(mark);
    mark.remove_prefix(character.bytes);
    wanted += character.code_point;
  }
  // A state for each beginning of the mark that the text may end with.
  std::vector<State> states(wanted.size());
  for (uint32_t length = 0; length < states.size(); ++length) {
    CodePoints others = CodePoints::all();
    for (const char32_t next : wanted) {
      if (!others.has(next)) continue;
      others = others - CodePoints::one(next);
      const std::u32string text = wanted.substr(0, length) + next;
      size_t kept = text.size();
      while (!text.ends_with(wanted.substr(0, kept))) --kept;
      if (kept == wanted.size()) continue;
      states[length].arcs.push_back({next, next, static_cast<uint32_t>(kept)});
    }
    for (const CodePointRange& range : others.ranges()) {
      states[length].arcs.push_back({range.first, range.last, 0});
    }
    std::sort(states[length].arcs.begin(), states[length].arcs.end(),
              [](const Arc& a, const Arc& b) { return a.first < b.first; });
    states[length].accepts = true;
  }
  return RegularSet(std::move(states));
}

bool RegularSet::has(std::string_view text) const {
  uint32_t state = 0;
  while (!text.empty()) {
    const Utf8Character character = decode_utf8(text);
    text.remove_prefix(character.bytes);
    const std::vector<Arc>& arcs = (*states_)[state].arcs;
    const auto arc = std::find_if(arcs.begin(), arcs.end(),
                                  [&](const Arc& each) { return each.last >= character.code_point; });
    if (arc == arcs.end() || arc->first > character.code_point) return false;
    state = arc->to;
  }
  return (*states_)[state].accepts;
}

size_t RegularSet::shortest() const {
  std::vector<size_t> depth(states_->size(), SIZE_MAX);
  std::deque<uint32_t> waiting = {0};
  depth[0] = 0;
  for (; !waiting.empty(); waiting.pop_front()) {
    const uint32_t state = waiting.front();
    if ((*states_)[state].accepts) return depth[state];
    for (const Arc& arc : (*states_)[state].arcs) {
      if (depth[arc.to] != SIZE_MAX) continue;
      depth[arc.to] = depth[state] + 1;
      waiting.push_back(arc.to);
    }
  }
  return 0;
}

std::optional<size_t> RegularSet::longest() const {
  // Takes away states that nothing leads to until none is left; what is left is in a circle or behind one.
  std::vector<size_t> arriving(states_->size());
  for (const State& state : *states_) {
    for (const Arc& arc : state.arcs) ++arriving[arc.to];
  }
  if (arriving[0] != 0) return std::nullopt;
  std::vector<size_t> depth(states_->size());
  std::vector<uint32_t> waiting = {0};
  size_t seen = 0;
  size_t deepest = 0;
  while (!waiting.empty()) {
    const uint32_t state = waiting.back();
    waiting.pop_back();
    ++seen;
    deepest = std::max(deepest, depth[state]);
    for (const Arc& arc : (*states_)[state].arcs) {
      depth[arc.to] = std::max(depth[arc.to], depth[state] + 1);
      if (--arriving[arc.to] == 0) waiting.push_back(arc.to);
    }
  }
  if (seen < states_->size()) return std::nullopt;
  return deepest;
}

Result<RegularSet> operator|(const RegularSet& a, const RegularSet& b) {
  if (a.empty() || a == b) return b;
  if (b.empty()) return a;
  return combined(a, b, [](bool in_a, bool in_b) { return in_a || in_b; });
}

Result<RegularSet> operator&(const RegularSet& a, const RegularSet& b) {
  if (a == b || b == RegularSet::all()) return a;
  if (a == RegularSet::all()) return b;
  return combined(a, b, [](bool in_a, bool in_b) { return in_a && in_b; });
}

Result<RegularSet> operator-(const RegularSet& a, const RegularSet& b) {
  if (a.empty() || b.empty()) return a;
  return combined(a, b, [](bool in_a, bool in_b) { return in_a && !in_b; });
}

}  // namespace hearth
