// Fuzzes the reader of regular expressions and the sets of texts that they become. An input is a pattern, a
// zero byte, and a text.
//
// What must hold of any: the set and the grammar agree about the text; nothing is both in a set and in what
// is left without it; a text that matches as a whole matches somewhere, if the pattern isn't bound to an end.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engine/grammar/regex.h"
#include "engine/grammar/text_match.h"

namespace hearth::fuzzing {
namespace {

constexpr size_t kMostBytes = 512;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_pattern(std::string_view pattern, std::string_view text) {
  const Result<RegularSet> whole = regular_set_of(pattern, RegexUse::kWhole);
  const Result<RegularSet> somewhere = regular_set_of(pattern, RegexUse::kSomewhere);
  if (!whole.ok()) return;
  const bool matches = whole->has(text);
  if (somewhere.ok()) require(!matches || somewhere->has(text));

  const Result<RegularSet> others = RegularSet::all() - *whole;
  require(!others.ok() || others->has(text) != matches);
  if (others.ok()) {
    const Result<RegularSet> again = RegularSet::all() - *others;
    require(!again.ok() || *again == *whole);
    const Result<RegularSet> shared = *whole & *others;
    require(!shared.ok() || shared->empty());
  }

  const Result<Grammar> grammar = read_regex(pattern);
  require(whole->empty() ? !grammar.ok() : true);
  if (!grammar.ok()) return;
  const Result<TextMatch> match = match_text(*grammar, text);
  if (match.ok()) require((match->verdict == TextVerdict::kAccepted) == matches);
}

}  // namespace
}  // namespace hearth::fuzzing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (size > hearth::fuzzing::kMostBytes) return 0;
  const size_t zero = input.find('\0');
  const std::string_view text = zero == std::string_view::npos ? "" : input.substr(zero + 1);
  if (hearth::valid_utf8(text) != text) return 0;
  hearth::fuzzing::check_pattern(input.substr(0, zero), text);
  return 0;
}
