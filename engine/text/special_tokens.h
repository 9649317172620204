// Cutting a text at the tokens that are recognised by their spelling before anything else is tokenised:
// control tokens where the text may name them, and user-defined tokens everywhere.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/byte_trie.h"
#include "engine/text/tokenizer.h"
#include "engine/text/vocabulary.h"

namespace hearth {

/// A token, or (token == kNoToken) a stretch of text to be tokenised.
struct Fragment {
  TokenId token;
  std::string_view text;
};

/// Whether white space beside a special token belongs to it.
struct WhiteSpaceRule {
  bool strip_before = false;
  bool strip_after = false;
};

class SpecialTokenMatcher {
 public:
  /// `rules` has one rule for every token, or is empty: then no white space is stripped. Without
  /// `finds_user_defined`, user-defined tokens are left in the text.
  SpecialTokenMatcher(const Vocabulary& vocabulary, std::vector<WhiteSpaceRule> rules,
                      bool finds_user_defined = true);

  /// Cuts `text`, which is the texts of `pieces` one after the other. At every place the longest token
  /// counts. A control or unknown token must lie wholly inside one piece with parse_special. The fragments
  /// are views into `text`; none is empty.
  std::vector<Fragment> split(std::string_view text, std::span<const TextPiece> pieces) const;

 private:
  WhiteSpaceRule rule(TokenId token) const { return rules_.empty() ? WhiteSpaceRule{} : rules_[token]; }

  const Vocabulary& vocabulary_;
  std::vector<WhiteSpaceRule> rules_;
  ByteTrie trie_;
};

}  // namespace hearth
