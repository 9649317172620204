#include "engine/text/byte_trie.h"

#include <algorithm>
#include <deque>

namespace hearth {
namespace {

/// The entries first..last share a beginning of `depth` bytes, which is the path to `node`.
struct Group {
  int32_t node;
  size_t first;
  size_t last;
  size_t depth;
};

}  // namespace

ByteTrie::ByteTrie(std::vector<Entry> entries) {
  roots_.fill(kNone);
  std::erase_if(entries, [](const Entry& entry) { return entry.text.empty(); });
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.text < b.text; });

  std::deque<Group> pending{{kNone, 0, entries.size(), 0}};
  while (!pending.empty()) {
    const Group group = pending.front();
    pending.pop_front();
    // Sorted, the entries that end here come first.
    size_t at = group.first;
    while (at < group.last && entries[at].text.size() == group.depth) {
      if (nodes_[group.node].value == kNone) nodes_[group.node].value = entries[at].value;
      ++at;
    }
    const auto first_child = static_cast<int32_t>(nodes_.size());
    while (at < group.last) {
      const char byte = entries[at].text[group.depth];
      const size_t first = at;
      while (at < group.last && entries[at].text[group.depth] == byte) ++at;
      const auto node = static_cast<int32_t>(nodes_.size());
      nodes_.push_back({0, kNone, 0, static_cast<uint8_t>(byte)});
      pending.push_back({node, first, at, group.depth + 1});
      if (group.node == kNone) roots_[static_cast<uint8_t>(byte)] = node;
    }
    if (group.node != kNone) {
      nodes_[group.node].first_child = first_child;
      nodes_[group.node].child_count = static_cast<uint16_t>(nodes_.size() - first_child);
    }
  }
}

int32_t ByteTrie::child(const Node& node, uint8_t byte) const {
  const Node* begin = nodes_.data() + node.first_child;
  const Node* end = begin + node.child_count;
  const Node* found =
      std::lower_bound(begin, end, byte, [](const Node& n, uint8_t wanted) { return n.byte < wanted; });
  return found != end && found->byte == byte ? static_cast<int32_t>(found - nodes_.data()) : kNone;
}

}  // namespace hearth
