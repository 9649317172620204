#include "engine/runtime/prefix_cache.h"

#include <algorithm>
#include <utility>

namespace hearth {
namespace {

size_t common_length(std::span<const TokenId> a, std::span<const TokenId> b) {
  const auto [end, _] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<size_t>(end - a.begin());
}

}  // namespace

SequenceState PrefixCache::find(std::span<const TokenId> tokens) {
  const std::span<const TokenId> usable = tokens.first(tokens.empty() ? 0 : tokens.size() - 1);
  // Of several that give as much, the one that goes on longest like `tokens`.
  std::pair<int32_t, int32_t> longest;
  auto best = entries_.end();
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    const auto common = static_cast<int32_t>(common_length(entry->tokens, usable));
    const std::pair offered(entry->sequence.forkable(common), common);
    if (offered < longest || offered.first == 0) continue;
    longest = offered;
    best = entry;
  }
  if (best == entries_.end()) return SequenceState(states_);
  std::rotate(best, best + 1, entries_.end());
  return entries_.back().sequence.fork(longest.first);
}

void PrefixCache::store(std::span<const TokenId> tokens, const SequenceState& sequence) {
  SequenceState shared = sequence.fork(sequence.length());
  if (shared.length() == 0) return;
  const std::span<const TokenId> kept = tokens.first(static_cast<size_t>(shared.length()));
  // Entries that the new one continues hold no page that it does not.
  std::erase_if(entries_,
                [&](const Entry& entry) { return common_length(entry.tokens, kept) == entry.tokens.size(); });
  entries_.push_back({{kept.begin(), kept.end()}, std::move(shared)});
}

bool PrefixCache::evict_oldest() {
  if (entries_.empty()) return false;
  entries_.erase(entries_.begin());
  return true;
}

}  // namespace hearth
