#include "engine/grammar/code_points.h"

#include <algorithm>
#include <utility>

namespace hearth {
namespace {

constexpr CodePointRange kCharacters[] = {{0, 0xD7FF}, {0xE000, 0x10FFFF}};

/// `from` without `removed`; both ascending.
std::vector<CodePointRange> without(const std::vector<CodePointRange>& from,
                                    const std::vector<CodePointRange>& removed) {
  std::vector<CodePointRange> rest;
  auto next = removed.begin();
  for (CodePointRange range : from) {
    while (next != removed.end() && next->last < range.first) ++next;
    bool used_up = false;
    for (auto hole = next; hole != removed.end() && hole->first <= range.last; ++hole) {
      if (hole->first > range.first) rest.push_back({range.first, hole->first - 1});
      used_up = hole->last >= range.last;
      if (used_up) break;
      range.first = hole->last + 1;
    }
    if (!used_up) rest.push_back(range);
  }
  return rest;
}

auto as_pair(const CodePointRange& range) { return std::pair(range.first, range.last); }

}  // namespace

CodePoints::CodePoints(std::vector<CodePointRange> ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const CodePointRange& a, const CodePointRange& b) { return a.first < b.first; });
  for (const CodePointRange& range : ranges) {
    for (const CodePointRange& characters : kCharacters) {
      const CodePointRange kept = {std::max(range.first, characters.first),
                                   std::min(range.last, characters.last)};
      if (kept.first > kept.last) continue;
      if (!ranges_.empty() && kept.first <= ranges_.back().last + 1) {
        ranges_.back().last = std::max(ranges_.back().last, kept.last);
      } else {
        ranges_.push_back(kept);
      }
    }
  }
}

CodePoints CodePoints::all() { return CodePoints({{0, 0x10FFFF}}); }

CodePoints CodePoints::operator|(const CodePoints& other) const {
  std::vector<CodePointRange> both = ranges_;
  both.insert(both.end(), other.ranges_.begin(), other.ranges_.end());
  return CodePoints(std::move(both));
}

CodePoints CodePoints::operator-(const CodePoints& other) const {
  CodePoints rest;
  rest.ranges_ = without(ranges_, other.ranges_);
  return rest;
}

CodePoints CodePoints::operator&(const CodePoints& other) const { return *this - (*this - other); }

bool CodePoints::operator==(const CodePoints& other) const {
  return std::equal(
      ranges_.begin(), ranges_.end(), other.ranges_.begin(), other.ranges_.end(),
      [](const CodePointRange& a, const CodePointRange& b) { return as_pair(a) == as_pair(b); });
}

bool CodePoints::operator<(const CodePoints& other) const {
  return std::lexicographical_compare(
      ranges_.begin(), ranges_.end(), other.ranges_.begin(), other.ranges_.end(),
      [](const CodePointRange& a, const CodePointRange& b) { return as_pair(a) < as_pair(b); });
}

}  // namespace hearth
