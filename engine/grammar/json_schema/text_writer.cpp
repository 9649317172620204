#include "engine/grammar/json_schema/text_writer.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/grammar/json_schema/algebra.h"
#include "engine/grammar/regular_graph.h"
#include "engine/text/json_text.h"

namespace hearth::json_schema {
namespace {

const CodePoints& printable_ascii() {
  static const CodePoints kPrintable({{' ', '~'}});
  return kPrintable;
}

/// What JSON allows only escaped, with this quote for its own.
CodePoints escaped_within(const Quoting& quoting) {
  if (!quoting.escapes) return {};
  const auto quote = static_cast<char32_t>(quoting.mark.front());
  return CodePoints({{0, 0x1F}, {quote, quote}, {'\\', '\\'}});
}

/// The numbers among `numbers` that begin with the hexadecimal digit, without it.
std::vector<CodePointRange> behind_digit(const std::vector<CodePointRange>& numbers, uint32_t digit,
                                         int digits) {
  const uint32_t unit = 1U << (4 * (digits - 1));
  const char32_t first = digit * unit;
  const char32_t last = first + unit - 1;
  std::vector<CodePointRange> behind;
  for (const CodePointRange& range : numbers) {
    if (range.last < first || range.first > last) continue;
    behind.push_back({std::max(range.first, first) - first, std::min(range.last, last) - first});
  }
  return behind;
}

bool same(const std::vector<CodePointRange>& a, const std::vector<CodePointRange>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& left, const auto& right) {
    return left.first == right.first && left.last == right.last;
  });
}

}  // namespace

TextWriter::TextWriter(GrammarBuilder& builder, const Quoting& quoting, ExpressionId quote)
    : builder_(builder), quoting_(quoting), quote_(quote), escaped_always_(escaped_within(quoting)) {}

/// Numbers of so many hexadecimal digits, in letters of either case. Ranges are ascending and do not touch.
ExpressionId TextWriter::hexadecimal(const std::vector<CodePointRange>& numbers, int digits) {
  if (digits == 0) return builder_.empty();
  std::vector<ExpressionId> ways;
  for (uint32_t digit = 0; digit < 16;) {
    const std::vector<CodePointRange> behind = behind_digit(numbers, digit, digits);
    std::vector<CodePointRange> alike;
    for (; digit < 16 && same(behind_digit(numbers, digit, digits), behind); ++digit) {
      const char32_t letter = digit < 10 ? '0' + digit : 'a' + digit - 10;
      alike.push_back({letter, letter});
      if (digit >= 10) alike.push_back({letter - ('a' - 'A'), letter - ('a' - 'A')});
    }
    if (behind.empty()) continue;
    const ExpressionId parts[] = {builder_.characters(std::move(alike)), hexadecimal(behind, digits - 1)};
    ways.push_back(builder_.sequence(parts));
  }
  return ways.size() == 1 ? ways.front() : builder_.choice(ways);
}

/// \uXXXX, two of them above U+FFFF.
ExpressionId TextWriter::code_units(const CodePoints& characters) {
  std::vector<CodePointRange> single;
  std::vector<ExpressionId> ways;
  for (const CodePointRange& range : characters.ranges()) {
    if (range.first <= 0xFFFF) single.push_back({range.first, std::min<char32_t>(range.last, 0xFFFF)});
    if (range.last <= 0xFFFF) continue;
    const char32_t first = std::max<char32_t>(range.first, 0x10000) - 0x10000;
    const char32_t last = range.last - 0x10000;
    // By the first half of the pair: those with all second halves together, the rest one by one.
    for (char32_t high = first >> 10; high <= last >> 10;) {
      const char32_t from = high == first >> 10 ? first & 0x3FF : 0;
      const auto to_of = [&](char32_t half) { return half == last >> 10 ? last & 0x3FF : char32_t{0x3FF}; };
      char32_t until = high;
      while (from == 0 && to_of(high) == 0x3FF && until < last >> 10 && to_of(until + 1) == 0x3FF) ++until;
      const ExpressionId parts[] = {builder_.text("\\u"), hexadecimal({{0xD800 + high, 0xD800 + until}}, 4),
                                    builder_.text("\\u"),
                                    hexadecimal({{0xDC00 + from, 0xDC00 + to_of(until)}}, 4)};
      ways.push_back(builder_.sequence(parts));
      high = until + 1;
    }
  }
  if (!single.empty()) {
    const ExpressionId parts[] = {builder_.text("\\u"), hexadecimal(single, 4)};
    ways.push_back(builder_.sequence(parts));
  }
  return builder_.choice(ways);
}

/// Characters in any escape that JSON has for them.
ExpressionId TextWriter::escapes(const CodePoints& characters) {
  const auto [entry, is_new] = escapes_.try_emplace(characters, ExpressionId{});
  if (!is_new) return entry->second;
  constexpr std::pair<char32_t, char> kShort[] = {{'"', '"'},  {'\\', '\\'}, {'/', '/'},  {'\b', 'b'},
                                                  {'\f', 'f'}, {'\n', 'n'},  {'\r', 'r'}, {'\t', 't'}};
  std::vector<CodePointRange> letters;
  for (const auto& [meant, letter] : kShort) {
    const auto written = static_cast<char32_t>(letter);
    if (characters.has(meant)) letters.push_back({written, written});
  }
  if (quoting_.mark == "'" && characters.has('\'')) letters.push_back({'\'', '\''});
  std::vector<ExpressionId> ways = {code_units(characters)};
  if (!letters.empty()) {
    const ExpressionId parts[] = {builder_.text("\\"), builder_.characters(std::move(letters))};
    ways.push_back(builder_.sequence(parts));
  }
  const RuleId rule = builder_.declare(next_name("escape"));
  builder_.define(rule, builder_.choice(ways));
  entry->second = builder_.reference(rule);
  return entry->second;
}

/// A character of a string. One printable character of ASCII, as most of what a schema asks for is, has one
/// form, so that it can be written without asking the model.
ExpressionId TextWriter::character(const CodePoints& characters) {
  if (!quoting_.escapes) return builder_.characters(characters.ranges());
  const auto [entry, is_new] = characters_.try_emplace(characters, ExpressionId{});
  if (!is_new) return entry->second;
  const CodePoints raw = characters - escaped_always_;
  const CodePointRange& first = characters.ranges().front();
  const bool one = characters.ranges().size() == 1 && first.first == first.last;
  CodePoints escaped = characters;
  if (!characters.has_all(printable_ascii())) escaped = characters - (printable_ascii() - escaped_always_);
  std::vector<ExpressionId> ways;
  if (!raw.empty()) ways.push_back(builder_.characters(raw.ranges()));
  if (one && raw.empty() && first.first > 0x1F) {  // the quote or a backslash
    ways.push_back(builder_.text(std::string{'\\', static_cast<char>(first.first)}));
  } else if (!escaped.empty()) {
    ways.push_back(escapes(escaped));
  }
  entry->second = ways.size() == 1 ? ways.front() : builder_.choice(ways);
  return entry->second;
}

ExpressionId TextWriter::plain(const RegularSet& texts) {
  const auto write = [this](const CodePoints& characters) {
    return builder_.characters(characters.ranges());
  };
  const ExpressionGraph graph = graph_of(texts, builder_.empty(), write);
  return expression_of(graph, builder_, next_name("number"));
}

Result<ExpressionId> TextWriter::strings(const RegularSet& texts) {
  for (const auto& [set, expression] : sets_) {
    if (set == texts) return expression;
  }
  RegularSet possible = texts;
  if (!quoting_.never.empty()) {
    HEARTH_ASSIGN(possible, texts & RegularSet::without(quoting_.never));
  }
  const auto write = [this](const CodePoints& characters) { return character(characters); };
  const ExpressionGraph graph = graph_of(possible, quote_, write);
  const RuleId rule = builder_.declare(next_name("string"));
  const ExpressionId parts[] = {quote_, expression_of(graph, builder_, next_name("text"))};
  builder_.define(rule, builder_.sequence(parts));
  sets_.emplace_back(texts, builder_.reference(rule));
  return sets_.back().second;
}

Result<ExpressionId> TextWriter::strings(const StringSet& strings) {
  constexpr uint64_t kMostCounted = 1'000'000'000;
  if (strings.texts == RegularSet::all() && quoting_.never.empty()) {
    const auto least = static_cast<int32_t>(std::min(strings.least, kMostCounted));
    const auto most = strings.most ? static_cast<int32_t>(std::min(*strings.most, kMostCounted)) : kNoLimit;
    const ExpressionId parts[] = {quote_, builder_.repeat(character(CodePoints::all()), least, most), quote_};
    return builder_.sequence(parts);
  }
  HEARTH_ASSIGN(const RegularSet texts, Algebra::settled(strings));
  return this->strings(texts);
}

Result<ExpressionId> TextWriter::string(const std::string& text) {
  const bool ascii =
      std::all_of(text.begin(), text.end(), [](char byte) { return byte >= ' ' && byte <= '~'; });
  if (ascii && quoting_.mark == "\"") return builder_.text(write_json(text));
  return strings(RegularSet::any_of(std::span(&text, 1)));
}

}  // namespace hearth::json_schema
