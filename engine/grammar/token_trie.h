// The texts of tokens as a trie in the order in which it is walked: depth first, each node followed by its
// subtree.
//
// To walk it, go from node to node; where a text can't go on, jump to the node's `end`.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/text/tokenizer.h"

namespace hearth {

class TokenTrie {
 public:
  struct Entry {
    std::string_view bytes;
    TokenId token;
  };

  struct Node {
    uint32_t end;          // the node behind its subtree
    uint32_t first_token;  // of those that end here
    uint16_t depth;        // bytes before its own
    uint8_t byte;
  };

  /// Of entries in ascending order of their bytes, none of which is empty or longer than a token may be.
  /// Several tokens may have the same bytes. The bytes are not needed afterwards.
  explicit TokenTrie(std::span<const Entry> entries);

  uint32_t size() const { return static_cast<uint32_t>(nodes_.size()) - 1; }
  const Node& operator[](uint32_t node) const { return nodes_[node]; }
  /// The tokens whose text is the way to the node.
  std::span<const TokenId> tokens(uint32_t node) const { return between(node, node + 1); }
  /// These and all that go on from there.
  std::span<const TokenId> subtree(uint32_t node) const { return between(node, nodes_[node].end); }
  /// Bytes of the longest text.
  size_t longest() const { return longest_; }

 private:
  std::span<const TokenId> between(uint32_t first, uint32_t last) const {
    return std::span(tokens_).subspan(nodes_[first].first_token,
                                      nodes_[last].first_token - nodes_[first].first_token);
  }

  std::vector<Node> nodes_;  // and one more behind the last
  std::vector<TokenId> tokens_;
  size_t longest_ = 0;
};

}  // namespace hearth
