#include "engine/grammar/grammar_cache.h"

#include <algorithm>
#include <utility>

namespace hearth {
namespace {

/// Each tool of a request has one or two, and those of one request must not push each other out.
constexpr size_t kMostGrammars = 64;

}  // namespace

Result<std::shared_ptr<TokenGrammar>> GrammarCache::get(const GrammarSource& source, std::string_view salt) {
  const auto known = std::find_if(kept_.begin(), kept_.end(), [&](const Kept& kept) {
    return kept.salt == salt && kept.source == source;
  });
  if (known != kept_.end()) {
    std::rotate(known, known + 1, kept_.end());
    return kept_.back().grammar;
  }
  HEARTH_ASSIGN(const Grammar grammar, read_grammar(source));
  if (!vocabulary_) vocabulary_.emplace(tokenizer_);
  HEARTH_ASSIGN(auto made, TokenGrammar::create(grammar, *vocabulary_));
  if (kept_.size() == kMostGrammars) kept_.erase(kept_.begin());
  kept_.push_back({source, std::string(salt), made});
  return made;
}

}  // namespace hearth
