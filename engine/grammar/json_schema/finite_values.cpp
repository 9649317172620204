#include "engine/grammar/json_schema/finite_values.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "engine/grammar/json_schema/algebra.h"
#include "engine/grammar/json_schema/numbers.h"
#include "engine/text/unicode.h"

namespace hearth::json_schema {
namespace {

/// Of a number that double precision has as it is written.
constexpr size_t kMostExactDigits = 15;

/// All texts of a set; nothing where they are too many.
std::optional<std::vector<std::string>> texts_of(const RegularSet& set) {
  std::vector<std::string> texts;
  if (set.empty()) return texts;
  if (!set.longest()) return std::nullopt;
  // Every state leads to a text, so that what waits is never more than there are texts.
  std::vector<std::pair<uint32_t, std::string>> waiting = {{0, ""}};
  while (!waiting.empty()) {
    const auto [number, text] = std::move(waiting.back());
    waiting.pop_back();
    const RegularSet::State& state = set.states()[number];
    if (state.accepts) texts.push_back(text);
    for (const RegularSet::Arc& arc : state.arcs) {
      if (arc.last - arc.first >= kMostFiniteValues) return std::nullopt;
      for (char32_t character = arc.first; character <= arc.last; ++character) {
        waiting.emplace_back(arc.to, text);
        append_utf8(waiting.back().second, character);
      }
    }
    if (texts.size() + waiting.size() > kMostFiniteValues) return std::nullopt;
  }
  std::sort(texts.begin(), texts.end());
  return texts;
}

/// The texts of each number.
Result<std::optional<std::vector<RegularSet>>> numbers_of(const RegularSet& numbers) {
  HEARTH_ASSIGN(const RegularSet shortest, shortest_texts(numbers));
  const auto texts = texts_of(shortest);
  if (!texts) return std::optional<std::vector<RegularSet>>();
  std::vector<RegularSet> found;
  for (const std::string& text : *texts) {
    if (text.size() > kMostExactDigits) return std::optional<std::vector<RegularSet>>();
    const Decimal value = decimal_of(nlohmann::ordered_json::parse(text));
    HEARTH_ASSIGN(const RegularSet equal, numbers_compared(Comparison::kEqual, value));
    HEARTH_ASSIGN(RegularSet written, without_padding(equal, true));
    found.push_back(std::move(written));
  }
  return std::optional(std::move(found));
}

}  // namespace

Result<std::optional<FiniteValues>> finite_values(const ValueSet& set) {
  const std::optional<FiniteValues> none;
  if (!set.arrays.empty() || !set.objects.empty()) return none;
  HEARTH_ASSIGN(const RegularSet settled, Algebra::settled(set.strings));
  auto strings = texts_of(settled);
  if (!strings) return none;
  HEARTH_ASSIGN(auto numbers, numbers_of(set.numbers));
  if (!numbers || strings->size() + numbers->size() > kMostFiniteValues) return none;
  FiniteValues values = {{}, *std::move(strings), *std::move(numbers)};
  if (set.null) values.words.emplace_back("null");
  if (set.truth) values.words.emplace_back("true");
  if (set.falsehood) values.words.emplace_back("false");
  return std::optional(std::move(values));
}

}  // namespace hearth::json_schema
