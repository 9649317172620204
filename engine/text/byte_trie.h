// A set of byte strings, each with a number, that can be matched at any place of a text.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth {

class ByteTrie {
 public:
  static constexpr int32_t kNone = -1;

  struct Entry {
    std::string_view text;
    int32_t value;
  };

  ByteTrie() : ByteTrie(std::vector<Entry>{}) {}
  /// Empty texts are left out; of equal texts the first counts. The texts are not needed afterwards.
  explicit ByteTrie(std::vector<Entry> entries);

  /// Calls `found(bytes, value)` for every entry that `text` begins with, shortest first.
  template <typename Found>
  void for_each_prefix(std::string_view text, Found&& found) const {
    if (text.empty()) return;
    int32_t node = roots_[static_cast<uint8_t>(text[0])];
    for (size_t bytes = 1; node != kNone; ++bytes) {
      if (nodes_[node].value != kNone) found(bytes, nodes_[node].value);
      if (bytes == text.size()) return;
      node = child(nodes_[node], static_cast<uint8_t>(text[bytes]));
    }
  }

  /// The longest entry that `text` begins with, as (bytes, value); (0, kNone) where there is none.
  std::pair<size_t, int32_t> longest_prefix(std::string_view text) const {
    std::pair<size_t, int32_t> longest{0, kNone};
    for_each_prefix(text, [&](size_t bytes, int32_t value) { longest = {bytes, value}; });
    return longest;
  }

 private:
  struct Node {
    int32_t first_child;  // its children stand side by side, in the order of their bytes
    int32_t value;
    uint16_t child_count;
    uint8_t byte;
  };

  int32_t child(const Node& node, uint8_t byte) const;

  std::vector<Node> nodes_;
  std::array<int32_t, 256> roots_;
};

}  // namespace hearth
