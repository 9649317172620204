// One sequence that is written by a grammar: where it stands, and what may come next.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/grammar/token_grammar.h"

namespace hearth {

class Constraint {
 public:
  /// How far it can be taken back, in tokens.
  static constexpr size_t kMostBack = 64;

  explicit Constraint(std::shared_ptr<TokenGrammar> grammar);
  ~Constraint();
  Constraint(const Constraint& other);
  Constraint& operator=(const Constraint&) = delete;

  /// See TokenGrammar::allowed.
  Result<const TokenSet*> allowed() const { return grammar_->allowed(places_.back()); }
  /// Whether the answer may end here, and whether nothing else may come.
  bool can_end() const { return grammar_->automaton().can_end(places_.back()); }
  bool must_end() const;

  /// Takes in a token; false, and nothing changes, where it isn't allowed. Those that end answers don't
  /// belong here.
  bool accept(TokenId token);
  /// Takes in text that stands before the first token; false where that is not allowed.
  bool begin_with(std::string_view text);
  /// Takes back the last tokens: at most kMostBack, and no more than came.
  void go_back(size_t tokens) { places_.resize(places_.size() - tokens); }

  /// The tokens that come next whatever the model says, at most `most`; none where it has a choice. Where
  /// only the bytes are forced, they are what the model's own tokenizer makes of them, as far as what follows
  /// can't change that. What `allowed` refuses is forced to nothing.
  std::vector<TokenId> forced(size_t most) const;

 private:
  friend class TokenGrammar;

  std::string forced_bytes() const;
  std::vector<TokenId> tokens_of_forced_bytes() const;

  std::shared_ptr<TokenGrammar> grammar_;
  std::vector<ConfigurationId> places_;  // the last is where it stands
};

}  // namespace hearth
