#include "engine/grammar/character_bytes.h"

#include <algorithm>
#include <utility>

namespace hearth {
namespace {

/// Characters of two, three and four bytes: the first bytes that they may have, and what they encode.
struct Length {
  uint8_t first_lead;
  uint8_t last_lead;
  uint8_t lead_bits;  // of the code point within the first byte
  char32_t block;     // code points that one first byte leads to
  CodePointRange characters;
};
constexpr Length kLengths[] = {{0xC2, 0xDF, 0x1F, 0x40, {0x80, 0x7FF}},
                               {0xE0, 0xEF, 0x0F, 0x1000, {0x800, 0xFFFF}},
                               {0xF0, 0xF4, 0x07, 0x40000, {0x10000, 0x10FFFF}}};

constexpr uint8_t kFirstContinuation = 0x80;
constexpr char32_t kContinuations = 64;

/// The first range that ends at or behind the code point.
auto range_from(std::span<const CodePointRange> ranges, char32_t code_point) {
  return std::lower_bound(ranges.begin(), ranges.end(), code_point,
                          [](const CodePointRange& range, char32_t first) { return range.last < first; });
}

bool any_in(std::span<const CodePointRange> ranges, CodePointRange wanted) {
  const auto range = range_from(ranges, wanted.first);
  return wanted.first <= wanted.last && range != ranges.end() && range->first <= wanted.last;
}

bool all_in(std::span<const CodePointRange> ranges, CodePointRange wanted) {
  const auto range = range_from(ranges, wanted.first);
  return range != ranges.end() && range->first <= wanted.first && wanted.last <= range->last;
}

CodePointRange overlap(CodePointRange a, CodePointRange b) {
  return {std::max(a.first, b.first), std::min(a.last, b.last)};
}

void add_edge(std::vector<CharacterBytes::Edge>& edges, uint8_t byte, CharacterBytes::Node target) {
  if (!edges.empty() && edges.back().last + 1 == byte && edges.back().target == target) {
    edges.back().last = byte;
  } else {
    edges.push_back({byte, byte, target});
  }
}

}  // namespace

CharacterBytes::Node CharacterBytes::intern(std::vector<Edge> edges) {
  const auto [found, is_new] = nodes_.try_emplace(std::move(edges), static_cast<Node>(size()));
  if (is_new) {
    edges_.insert(edges_.end(), found->first.begin(), found->first.end());
    begins_.push_back(static_cast<uint32_t>(edges_.size()));
  }
  return found->second;
}

/// The node that reads the continuation bytes of the code points of `block`, of which those `within` count.
CharacterBytes::Node CharacterBytes::add_block(std::span<const CodePointRange> ranges, CodePointRange block,
                                               CodePointRange within) {
  const char32_t size = block.last - block.first + 1;
  const char32_t step = size / kContinuations;
  const bool full = all_in(ranges, block) && all_in({&within, 1}, block);
  if (const auto known = full_blocks_.find(size); full && known != full_blocks_.end()) return known->second;
  std::vector<Edge> edges;
  for (char32_t index = 0; index < kContinuations; ++index) {
    const CodePointRange part{block.first + index * step, block.first + (index + 1) * step - 1};
    if (!any_in(ranges, overlap(part, within))) continue;
    add_edge(edges, static_cast<uint8_t>(kFirstContinuation + index),
             step == 1 ? kWhole : add_block(ranges, part, within));
  }
  const Node node = intern(std::move(edges));
  if (full) full_blocks_.emplace(size, node);
  return node;
}

CharacterBytes::Node CharacterBytes::add(std::span<const CodePointRange> ranges) {
  std::vector<Edge> edges;
  for (char32_t code_point = 0; code_point < 0x80; ++code_point) {
    if (in_ranges(ranges, code_point)) add_edge(edges, static_cast<uint8_t>(code_point), kWhole);
  }
  for (const Length& length : kLengths) {
    for (uint32_t lead = length.first_lead; lead <= length.last_lead; ++lead) {
      const char32_t first = (lead & length.lead_bits) * length.block;
      const CodePointRange block{first, first + length.block - 1};
      if (!any_in(ranges, overlap(block, length.characters))) continue;
      add_edge(edges, static_cast<uint8_t>(lead), add_block(ranges, block, length.characters));
    }
  }
  return intern(std::move(edges));
}

}  // namespace hearth
