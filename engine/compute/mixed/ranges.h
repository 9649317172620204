// Ranges of numbers, as one set.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

namespace hearth::mixed {

/// From the first, up to but without the second.
using Range = std::pair<uint64_t, uint64_t>;

class Ranges {
 public:
  void add(Range range) {
    for (const Range& known : take({range.first, range.second}, true)) {
      range = {std::min(range.first, known.first), std::max(range.second, known.second)};
    }
    ends_[range.first] = range.second;
  }

  /// Takes out of the set what it has in common with `range`, and gives that.
  std::vector<Range> take(Range range) {
    std::vector<Range> common;
    for (const auto& [begin, end] : take(range, false)) {
      if (begin < range.first) ends_[begin] = range.first;
      if (end > range.second) ends_[range.second] = end;
      common.emplace_back(std::max(begin, range.first), std::min(end, range.second));
    }
    return common;
  }

 private:
  /// Takes out the ranges that overlap it, whole; or those, too, that it touches.
  std::vector<Range> take(const Range& range, bool touching) {
    const uint64_t more = touching ? 1 : 0;
    std::vector<Range> taken;
    auto next = ends_.upper_bound(range.first);
    if (next != ends_.begin() && std::prev(next)->second + more > range.first) --next;
    while (next != ends_.end() && next->first < range.second + more) {
      taken.emplace_back(*next);
      next = ends_.erase(next);
    }
    return taken;
  }

  std::map<uint64_t, uint64_t> ends_;  // by where they begin; none touches another
};

}  // namespace hearth::mixed
