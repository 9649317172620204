#include "engine/grammar/token_grammar.h"

#include <algorithm>
#include <utility>

#include "engine/grammar/constraint.h"

namespace hearth {
namespace {

constexpr size_t kMostMasks = 1024;
/// Of steps for which runs are found when a grammar is made; further ones are found when they are needed.
constexpr size_t kMostFirstRuns = 12;

bool is_in(std::span<const TokenId> tokens, TokenId token) {
  return std::find(tokens.begin(), tokens.end(), token) != tokens.end();
}

}  // namespace

Result<std::shared_ptr<TokenGrammar>> TokenGrammar::create(const Grammar& grammar,
                                                           TokenVocabulary& vocabulary) {
  const FindToken find_token = [&](std::string_view text) { return vocabulary.tokenizer().find(text); };
  HEARTH_ASSIGN(GrammarProgram program, compile_grammar(grammar, find_token));
  std::shared_ptr<TokenGrammar> made(new TokenGrammar(std::move(program), vocabulary));
  made->prepare_runs();
  return made;
}

void TokenGrammar::prepare_runs() {
  std::vector<uint32_t> prepared;  // by the roots of their sets
  for (const GrammarStep& step : automaton_.program().steps) {
    if (step.run == CharacterRun::kNone || prepared.size() == kMostFirstRuns) continue;
    if (std::find(prepared.begin(), prepared.end(), step.target) != prepared.end()) continue;
    prepared.push_back(step.target);
    auto run = vocabulary_.run(automaton_.program().ranges_of(step));
    if (run == nullptr || (main_run_ != nullptr && main_run_->count(kNoLimit) >= run->count(kNoLimit)))
      continue;
    main_run_ = std::move(run);
    main_root_ = step.target;
  }
}

TokenGrammar::TokenGrammar(GrammarProgram program, TokenVocabulary& vocabulary)
    : vocabulary_(vocabulary),
      automaton_(std::move(program), static_cast<int32_t>(vocabulary.trie().longest())),
      path_(vocabulary.trie().longest() + 1) {}

/// Whether the characters of a run are read by it alone, and not by what comes when it has ended either: then
/// what has more of them than may come is not possible.
bool TokenGrammar::goes_on_only_by(const GrammarThread& run, ConfigurationId at) {
  const uint32_t root = automaton_.step(run).target;
  const auto begins_alike = [&](const GrammarThread& thread) {
    return automaton_.may_begin_alike(thread, root);
  };
  const auto now = automaton_.threads(at);
  if (std::any_of(now.begin(), now.end(),
                  [&](const GrammarThread& thread) { return thread != run && begins_alike(thread); })) {
    return false;
  }
  // Where a repetition is repeated, what comes after may be the same thread again.
  const auto after = automaton_.threads(automaton_.after_repetition(run.stack));
  return std::none_of(after.begin(), after.end(), begins_alike);
}

/// Of all runs of characters that may go on from here, the one with the most tokens.
TokenGrammar::PossibleRun TokenGrammar::find_run(ConfigurationId at) {
  PossibleRun best;
  const std::vector<GrammarThread> threads(automaton_.threads(at).begin(), automaton_.threads(at).end());
  for (const GrammarThread& thread : threads) {
    const GrammarStep& step = automaton_.step(thread);
    if (step.run == CharacterRun::kNone || thread.within != step.target) continue;
    PossibleRun found{vocabulary_.run(automaton_.program().ranges_of(step))};
    if (found.run == nullptr) continue;
    if (step.run == CharacterRun::kCounted) found.most = automaton_.most_left(thread.stack);
    if (found.most != kNoLimit && !goes_on_only_by(thread, at)) continue;
    if (best.run == nullptr || found.run->count(found.most) > best.run->count(best.most))
      best = std::move(found);
  }
  return best;
}

void TokenGrammar::try_all(const TokenTrie& trie, ConfigurationId at, TokenSet& tokens) {
  path_[0] = at;
  for (uint32_t index = 0; index < trie.size();) {
    const TokenTrie::Node& node = trie[index];
    const ConfigurationId next = automaton_.next(path_[node.depth], node.byte);
    if (next == Automaton::kDead) {
      index = node.end;
      continue;
    }
    path_[node.depth + 1U] = next;
    for (const TokenId token : trie.tokens(index)) tokens.add(token);
    ++index;
  }
}

void TokenGrammar::add_named_tokens(ConfigurationId at, TokenSet& tokens) {
  const auto end_tokens = std::span(vocabulary_.end_tokens());
  std::vector<TokenId> ends;
  for (const GrammarThread& thread : automaton_.threads(at)) {
    const GrammarStep& step = automaton_.step(thread);
    if (step.operation != StepOperation::kToken) continue;
    if (!step.negated) {
      if (step.token >= vocabulary_.size()) continue;
      is_in(end_tokens, step.token) ? ends.push_back(step.token) : tokens.add(step.token);
      continue;
    }
    for (TokenId token = 0; token < vocabulary_.size(); ++token) {
      if (token != step.token && !is_in(end_tokens, token)) tokens.add(token);
    }
  }
  // A token that ends answers may stand in a grammar, at an end of it.
  for (const TokenId token : ends) {
    if (automaton_.can_end(automaton_.next(at, token, ""))) tokens.add(token);
  }
}

bool TokenGrammar::runs_on(ConfigurationId at, uint32_t root) {
  const auto threads = automaton_.threads(at);
  return std::any_of(threads.begin(), threads.end(), [&](const GrammarThread& thread) {
    const GrammarStep& step = automaton_.step(thread);
    if (thread.within != root || step.operation != StepOperation::kCharacters || step.target != root)
      return false;
    return step.run == CharacterRun::kEndless ||
           (step.run == CharacterRun::kCounted && automaton_.most_left(thread.stack) == kNoLimit);
  });
}

/// Adds the tokens of the main run that are possible: all that go on from where it may run on.
void TokenGrammar::add_by_main_run(ConfigurationId at, TokenSet& tokens) {
  const TokenTrie& trie = main_run_->trie();
  const auto is_within_character = [&](uint32_t index) {
    return index + 1 < trie[index].end && (trie[index + 1].byte & 0xC0) == 0x80;
  };
  path_[0] = at;
  for (uint32_t index = 0; index < trie.size();) {
    const TokenTrie::Node& node = trie[index];
    const ConfigurationId next = automaton_.next(path_[node.depth], node.byte);
    if (next == Automaton::kDead) {
      index = node.end;
    } else if (!is_within_character(index) && runs_on(next, main_root_)) {
      for (const TokenId token : trie.subtree(index)) tokens.add(token);
      index = node.end;
    } else {
      path_[node.depth + 1U] = next;
      for (const TokenId token : trie.tokens(index)) tokens.add(token);
      ++index;
    }
  }
}

TokenSet TokenGrammar::find_allowed(ConfigurationId at) {
  const auto [run, most] = find_run(at);
  TokenSet tokens = run != nullptr ? run->tokens(most) : TokenSet(vocabulary_.size());
  if (run != nullptr) {
    try_all(run->others(), at, tokens);
  } else if (main_run_ != nullptr) {
    add_by_main_run(at, tokens);
    try_all(main_run_->others(), at, tokens);
  } else {
    try_all(vocabulary_.trie(), at, tokens);
  }
  add_named_tokens(at, tokens);
  if (automaton_.can_end(at)) {
    for (const TokenId token : vocabulary_.end_tokens()) tokens.add(token);
  }
  return tokens;
}

Result<const TokenSet*> TokenGrammar::allowed(ConfigurationId at) {
  const ConfigurationId near = automaton_.near(at);
  auto mask = masks_.find(near);
  if (mask == masks_.end()) {
    if (masks_.size() >= kMostMasks) masks_.clear();
    mask = masks_.emplace(near, find_allowed(near)).first;
  }
  if (automaton_.overflowed()) {
    return Error{
        ErrorCode::kInvalidArgument,
        "the grammar can be read in too many ways at once to say which tokens may come next: make it "
        "unambiguous"};
  }
  return &mask->second;
}

void TokenGrammar::forget_if_large() {
  if (!automaton_.is_large() && !automaton_.overflowed()) return;
  std::vector<ConfigurationId*> used;
  for (Constraint* constraint : constraints_) {
    for (ConfigurationId& place : constraint->places_) used.push_back(&place);
  }
  automaton_.forget(used);
  masks_.clear();
}

}  // namespace hearth
