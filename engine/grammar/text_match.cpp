#include "engine/grammar/text_match.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace hearth {
namespace {

constexpr size_t kMostPossible = 20;
constexpr size_t kMostRanges = 8;      // of a class
constexpr size_t kMostTextBytes = 40;  // of a literal

std::string write_character(char32_t character, std::string_view special) {
  if (character == '\n') return "\\n";
  if (character == '\t') return "\\t";
  if (character == '\r') return "\\r";
  if (character < 0x80 && special.find(static_cast<char>(character)) != std::string_view::npos) {
    return fmt::format("\\{}", static_cast<char>(character));
  }
  std::string text;
  if (character >= 0x20 && character < 0x7F) {
    append_utf8(text, character);
    return text;
  }
  const CharacterClass kind = classify(character);
  if (character > 0xA0 && kind.in(kLetters | kNumbers | kPunctuation | kSymbols)) {
    append_utf8(text, character);
    return text;
  }
  const auto number = static_cast<uint32_t>(character);
  if (number < 0x100) return fmt::format("\\x{:02X}", number);
  return number < 0x10000 ? fmt::format("\\u{:04X}", number) : fmt::format("\\U{:08X}", number);
}

std::string write_literal(std::string_view bytes) {
  std::string text = "\"";
  size_t at = 0;
  while (at < std::min(bytes.size(), kMostTextBytes)) {
    const Utf8Character character = decode_utf8(bytes.substr(at));
    text += character.state == Utf8State::kValid ? write_character(character.code_point, "\"\\")
                                                 : fmt::format("\\x{:02X}", static_cast<uint8_t>(bytes[at]));
    at += character.state == Utf8State::kValid ? character.bytes : 1;
  }
  return text + (at < bytes.size() ? "\"..." : "\"");
}

/// A class, negated where that is shorter.
std::string write_class(std::span<const CodePointRange> ranges) {
  constexpr char32_t kLast = 0x10FFFF;
  const bool negated = ranges.back().last == kLast;
  std::vector<CodePointRange> written(ranges.begin(), ranges.end());
  if (negated) {
    written.clear();
    char32_t next = 0;
    for (const CodePointRange& range : ranges) {
      const bool surrogates = next == 0xD800 && range.first == 0xE000;
      if (range.first > next && !surrogates) written.push_back({next, range.first - 1});
      next = range.last + 1;
    }
    if (written.empty()) return ".";
  }
  std::string text = negated ? "[^" : "[";
  for (size_t index = 0; index < std::min(written.size(), kMostRanges); ++index) {
    text += write_character(written[index].first, "[]\\^-");
    if (written[index].last > written[index].first + 1) text += '-';
    if (written[index].last > written[index].first) text += write_character(written[index].last, "[]\\^-");
  }
  return text + (written.size() > kMostRanges ? "...]" : "]");
}

std::string describe(const Automaton& automaton, const GrammarThread& thread) {
  const GrammarProgram& program = automaton.program();
  const GrammarStep& step = automaton.step(thread);
  if (step.operation == StepOperation::kReturn) return "the end";
  if (step.operation == StepOperation::kText)
    return write_literal(program.text_of(step).substr(thread.within));
  if (thread.within != step.target) return "the rest of a character";
  return write_class(program.ranges_of(step));
}

std::vector<std::string> describe_all(const Automaton& automaton, ConfigurationId at) {
  std::vector<std::string> possible;
  for (const GrammarThread& thread : automaton.threads(at)) {
    std::string one = describe(automaton, thread);
    if (std::find(possible.begin(), possible.end(), one) == possible.end())
      possible.push_back(std::move(one));
    if (possible.size() == kMostPossible) break;
  }
  return possible;
}

}  // namespace

TextMatcher::TextMatcher(GrammarProgram program)
    : automaton_(std::move(program), std::numeric_limits<int32_t>::max()) {}

Result<TextMatcher> TextMatcher::create(const Grammar& grammar) {
  HEARTH_ASSIGN(GrammarProgram program, compile_grammar(grammar, nullptr));
  return TextMatcher(std::move(program));
}

Result<TextMatch> TextMatcher::match(std::string_view text) {
  ConfigurationId at = automaton_.start();
  size_t byte = 0;
  for (; byte < text.size() && !automaton_.overflowed(); ++byte) {
    const ConfigurationId next = automaton_.next(at, static_cast<uint8_t>(text[byte]));
    if (next == Automaton::kDead) break;
    at = next;
    if (automaton_.is_large()) {
      ConfigurationId* const used[] = {&at};
      automaton_.forget(used);
    }
  }
  if (automaton_.overflowed()) {
    automaton_.forget({});
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("the grammar can be read in too many ways at once at byte {}: make it unambiguous",
                    byte)};
  }
  TextMatch match{TextVerdict::kRejected, byte, describe_all(automaton_, at)};
  if (byte == text.size()) {
    match.verdict = automaton_.can_end(at) ? TextVerdict::kAccepted : TextVerdict::kIncomplete;
  }
  return match;
}

Result<TextMatch> match_text(const Grammar& grammar, std::string_view text) {
  HEARTH_ASSIGN(TextMatcher matcher, TextMatcher::create(grammar));
  return matcher.match(text);
}

}  // namespace hearth
