#include "engine/grammar/token_vocabulary.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "engine/grammar/character_bytes.h"
#include "engine/grammar/grammar.h"
#include "engine/text/vocabulary.h"

namespace hearth {
namespace {

constexpr size_t kMostRuns = 8;
/// A run's other tokens are a trie of their own, which is small only where the run has many. Fewer are soon
/// tried.
constexpr int32_t kLeastShare = 3;

bool same_ranges(std::span<const CodePointRange> a, std::span<const CodePointRange> b) {
  return std::ranges::equal(a, b, [](const CodePointRange& left, const CodePointRange& right) {
    return left.first == right.first && left.last == right.last;
  });
}

}  // namespace

TokenRun::TokenRun(int32_t vocabulary_size, const std::vector<std::pair<int32_t, TokenId>>& tokens,
                   TokenTrie trie, TokenTrie others)
    : all_(vocabulary_size), by_length_(tokens.size()), trie_(std::move(trie)), others_(std::move(others)) {
  // Counted into their places: they are many, and of few lengths.
  std::vector<size_t> places(Vocabulary::kMaxTokenBytes + 2);
  for (const auto& [characters, token] : tokens) ++places[static_cast<size_t>(characters) + 1];
  std::partial_sum(places.begin(), places.end(), places.begin());
  for (const auto& one : tokens) {
    by_length_[places[static_cast<size_t>(one.first)]++] = one;
    all_.add(one.second);
  }
}

size_t TokenRun::count(int32_t most) const {
  if (most == kNoLimit) return by_length_.size();
  const auto longer = std::upper_bound(by_length_.begin(), by_length_.end(), std::pair(most, INT32_MAX));
  return static_cast<size_t>(longer - by_length_.begin());
}

TokenSet TokenRun::tokens(int32_t most) const {
  TokenSet tokens = all_;
  for (size_t index = count(most); index < by_length_.size(); ++index)
    tokens.remove(by_length_[index].second);
  return tokens;
}

TokenVocabulary::TokenVocabulary(const Tokenizer& tokenizer) : tokenizer_(tokenizer), trie_({}) {
  const int32_t count = tokenizer.vocabulary_size();
  begins_.reserve(static_cast<size_t>(count) + 1);
  for (TokenId token = 0; token < count; ++token) {
    if (tokenizer.ends_generation(token)) {
      end_tokens_.push_back(token);
    } else if (!tokenizer.is_control(token) && token != tokenizer.special().unk) {
      texts_ += tokenizer.token_bytes(token);
    }
    begins_.push_back(static_cast<uint32_t>(texts_.size()));
  }
  trie_ = TokenTrie(sorted_entries());
}

std::vector<TokenTrie::Entry> TokenVocabulary::sorted_entries() const {
  std::vector<TokenTrie::Entry> entries;
  for (TokenId token = 0; token < size(); ++token) {
    if (!bytes(token).empty()) entries.push_back({bytes(token), token});
  }
  std::sort(entries.begin(), entries.end(), [](const TokenTrie::Entry& a, const TokenTrie::Entry& b) {
    return a.bytes != b.bytes ? a.bytes < b.bytes : a.token < b.token;
  });
  return entries;
}

std::shared_ptr<const TokenRun> TokenVocabulary::find_run(std::span<const CodePointRange> ranges) const {
  struct Place {
    CharacterBytes::Node node;
    int32_t characters;
  };
  CharacterBytes characters;
  const CharacterBytes::Node root = characters.add(ranges);
  std::vector<Place> path(trie_.longest() + 1, Place{root, 0});
  std::vector<std::pair<int32_t, TokenId>> tokens;
  std::vector<TokenTrie::Entry> own;
  std::vector<TokenTrie::Entry> others;
  const auto leave_out = [&](std::span<const TokenId> left_out) {
    for (const TokenId token : left_out) others.push_back({bytes(token), token});
  };
  for (uint32_t index = 0; index < trie_.size();) {
    const TokenTrie::Node& node = trie_[index];
    Place place = path[node.depth];
    place.node = characters.next(place.node, node.byte);
    if (place.node == CharacterBytes::kNone) {
      leave_out(trie_.subtree(index));
      index = node.end;
      continue;
    }
    if (place.node == CharacterBytes::kWhole) {
      place = {root, place.characters + 1};
      for (const TokenId token : trie_.tokens(index)) {
        tokens.emplace_back(place.characters, token);
        own.push_back({bytes(token), token});
      }
    } else {
      leave_out(trie_.tokens(index));
    }
    path[node.depth + 1U] = place;
    ++index;
  }
  if (tokens.size() < static_cast<size_t>(size() / kLeastShare)) return nullptr;
  return std::make_shared<TokenRun>(size(), tokens, TokenTrie(own), TokenTrie(others));
}

std::shared_ptr<const TokenRun> TokenVocabulary::run(std::span<const CodePointRange> ranges) {
  const auto kept = std::find_if(runs_.begin(), runs_.end(),
                                 [&](const KeptRun& run) { return same_ranges(run.ranges, ranges); });
  if (kept != runs_.end()) {
    std::rotate(kept, kept + 1, runs_.end());
  } else {
    if (runs_.size() == kMostRuns) runs_.erase(runs_.begin());
    runs_.push_back({{ranges.begin(), ranges.end()}, find_run(ranges)});
  }
  return runs_.back().run;
}

}  // namespace hearth
