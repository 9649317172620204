// Sets of characters as edges over the bytes of their UTF-8: the part of an automaton that reads one
// character.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "engine/text/unicode.h"

namespace hearth {

/// Where reading stands within a character: the set's root, or a node behind its first bytes. Sets and nodes
/// that are equal are one.
class CharacterBytes {
 public:
  using Node = uint32_t;
  static constexpr Node kNone = UINT32_MAX;       // the set has no such character
  static constexpr Node kWhole = UINT32_MAX - 1;  // the character is complete

  struct Edge {
    uint8_t first;
    uint8_t last;
    Node target;
    // Not a null pointer: NOLINTNEXTLINE(modernize-use-nullptr)
    auto operator<=>(const Edge&) const = default;
  };

  /// The root of a set: ranges in ascending order that do not overlap, without surrogates.
  Node add(std::span<const CodePointRange> ranges);

  Node next(Node node, uint8_t byte) const {
    for (const Edge& edge : edges(node)) {
      if (byte <= edge.last) return byte >= edge.first ? edge.target : kNone;
    }
    return kNone;
  }

  /// In ascending order.
  std::span<const Edge> edges(Node node) const {
    return std::span(edges_).subspan(begins_[node], begins_[node + 1] - begins_[node]);
  }
  size_t size() const { return begins_.size() - 1; }

 private:
  Node add_block(std::span<const CodePointRange> ranges, CodePointRange block, CodePointRange within);
  Node intern(std::vector<Edge> edges);

  std::vector<Edge> edges_;
  std::vector<uint32_t> begins_{0};  // of each node's edges; one more than nodes
  std::map<std::vector<Edge>, Node> nodes_;
  std::map<char32_t, Node> full_blocks_;  // by their size: those in which every character counts
};

}  // namespace hearth
