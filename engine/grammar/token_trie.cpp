#include "engine/grammar/token_trie.h"

#include <algorithm>

namespace hearth {

TokenTrie::TokenTrie(std::span<const Entry> entries) {
  std::vector<uint32_t> path;  // the nodes of the last entry
  std::string_view last;
  for (const Entry& entry : entries) {
    const auto differ = std::mismatch(last.begin(), last.end(), entry.bytes.begin(), entry.bytes.end()).first;
    const auto shared = static_cast<size_t>(differ - last.begin());
    for (; path.size() > shared; path.pop_back())
      nodes_[path.back()].end = static_cast<uint32_t>(nodes_.size());
    for (size_t depth = shared; depth < entry.bytes.size(); ++depth) {
      path.push_back(static_cast<uint32_t>(nodes_.size()));
      nodes_.push_back({0, static_cast<uint32_t>(tokens_.size()), static_cast<uint16_t>(depth),
                        static_cast<uint8_t>(entry.bytes[depth])});
    }
    tokens_.push_back(entry.token);
    last = entry.bytes;
    longest_ = std::max(longest_, last.size());
  }
  const auto size = static_cast<uint32_t>(nodes_.size());
  for (const uint32_t node : path) nodes_[node].end = size;
  nodes_.push_back({size, static_cast<uint32_t>(tokens_.size()), 0, 0});
}

}  // namespace hearth
