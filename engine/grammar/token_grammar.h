// A grammar on a vocabulary: which tokens may come where, and where each leads.
//
// For all sequences that are written by one grammar; not thread-safe. Masks are kept by configuration, and by
// one that stands for all that allow the same tokens (Automaton::near).
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "engine/base/result.h"
#include "engine/grammar/automaton.h"
#include "engine/grammar/grammar.h"
#include "engine/grammar/token_set.h"
#include "engine/grammar/token_vocabulary.h"

namespace hearth {

class Constraint;

class TokenGrammar {
 public:
  /// Borrows the vocabulary. INVALID_ARGUMENT for a token that it hasn't.
  static Result<std::shared_ptr<TokenGrammar>> create(const Grammar& grammar, TokenVocabulary& vocabulary);

  const Automaton& automaton() const { return automaton_; }
  const TokenVocabulary& vocabulary() const { return vocabulary_; }

  /// The tokens that may come next, those that end the answer among them. Until the next call of anything
  /// here. INVALID_ARGUMENT where so much is going on at once that it can't be told.
  Result<const TokenSet*> allowed(ConfigurationId at);

  /// Requires that the token is allowed, and ends no answer.
  ConfigurationId next(ConfigurationId at, TokenId token) {
    return automaton_.next(at, token, vocabulary_.bytes(token));
  }

 private:
  friend class Constraint;

  TokenGrammar(GrammarProgram program, TokenVocabulary& vocabulary);

  /// The tokens of a run that are possible somewhere: those of at most so many characters. Longer ones are
  /// not.
  struct PossibleRun {
    std::shared_ptr<const TokenRun> run;
    int32_t most = kNoLimit;
  };

  void prepare_runs();
  TokenSet find_allowed(ConfigurationId at);
  PossibleRun find_run(ConfigurationId at);
  bool goes_on_only_by(const GrammarThread& run, ConfigurationId at);
  /// Whether any characters of the run may come from there on, for ever.
  bool runs_on(ConfigurationId at, uint32_t root);
  void add_by_main_run(ConfigurationId at, TokenSet& tokens);
  void try_all(const TokenTrie& trie, ConfigurationId at, TokenSet& tokens);
  void add_named_tokens(ConfigurationId at, TokenSet& tokens);
  /// Keeps only what the constraints need, if there is much else.
  void forget_if_large();

  TokenVocabulary& vocabulary_;
  Automaton automaton_;
  std::unordered_map<ConfigurationId, TokenSet> masks_;
  // The run with the most tokens that the grammar has, with the root of its set: what comes to it from
  // elsewhere, as names of further properties do, needs no more trying either.
  std::shared_ptr<const TokenRun> main_run_;
  uint32_t main_root_ = 0;
  std::vector<ConfigurationId> path_;  // room for a walk, which is used again
  std::vector<Constraint*> constraints_;
};

}  // namespace hearth
