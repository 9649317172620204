// Fuzzes the reader of GBNF, the automaton and the masks. An input is a grammar, a zero byte, and a text.
//
// What must hold of any: matching a text in one go and token by token agree; a mask says of each token what
// trying it says; a configuration allows the same next bytes as the one that is near to it.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/grammar/constraint.h"
#include "engine/grammar/gbnf.h"
#include "engine/grammar/text_match.h"
#include "engine/grammar/token_grammar_testing.h"

namespace hearth::fuzzing {
namespace {

constexpr size_t kMostBytes = 4096;
constexpr size_t kMostTokens = 24;  // of a text, as each has all tokens tried

void require(bool holds) {
  if (!holds) std::abort();
}

std::vector<std::string> token_texts() {
  std::vector<std::string> texts;
  for (int byte = 0; byte < 256; ++byte) texts.emplace_back(1, static_cast<char>(byte));
  for (const char* more : {"ab", "abc", "aaaaaaaaaaaaaaaaaaaaaaaa", "\":", "\", \"", "\xC3\xA9",
                           "\xA9"
                           "a",
                           "00", "  "}) {
    texts.emplace_back(more);
  }
  return texts;
}

void check_masks(const Grammar& grammar, std::string_view text) {
  static const testing::ListedTokenizer tokenizer(token_texts());
  static TokenVocabulary vocabulary(tokenizer);
  const auto made = TokenGrammar::create(grammar, vocabulary);
  if (!made.ok()) return;
  Constraint constraint(*made);
  const TextPiece piece{text, false};
  const std::vector<TokenId> tokens = tokenizer.encode(std::span(&piece, 1), false);
  for (size_t at = 0; at < std::min(tokens.size(), kMostTokens); ++at) {
    const Result<const TokenSet*> found = constraint.allowed();
    if (!found.ok()) return;
    const TokenSet allowed = **found;
    require(allowed.has(testing::ListedTokenizer::kEnd) == constraint.can_end() || !constraint.can_end());
    for (TokenId token = 2; token < tokenizer.vocabulary_size(); ++token) {
      const bool accepted = constraint.accept(token);
      if (accepted) constraint.go_back(1);
      require(accepted == allowed.has(token) || (*made)->automaton().overflowed());
    }
    for (const TokenId token : constraint.forced(8)) {
      require(constraint.accept(token));
    }
    if (!constraint.accept(tokens[at])) return;
  }
}

}  // namespace
}  // namespace hearth::fuzzing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hearth;  // NOLINT(google-build-using-namespace)
  const std::string_view input(reinterpret_cast<const char*>(data), std::min(size, fuzzing::kMostBytes));
  const size_t end = std::min(input.find('\0'), input.size());
  const std::string_view text = input.substr(std::min(end + 1, input.size()));
  const Result<Grammar> grammar = read_gbnf(input.substr(0, end));
  if (!grammar.ok()) return 0;
  Result<TextMatcher> matcher = TextMatcher::create(*grammar);
  if (!matcher.ok()) return 0;
  const Result<TextMatch> match = matcher->match(text);
  if (!match.ok()) return 0;
  // What was read can be read again, and it either may go on or may end.
  const Result<TextMatch> again = matcher->match(text.substr(0, match->byte));
  fuzzing::require(again.ok() && again->byte == match->byte && again->verdict != TextVerdict::kRejected);
  fuzzing::require(!again->possible.empty());
  fuzzing::check_masks(*grammar, text);
  return 0;
}
