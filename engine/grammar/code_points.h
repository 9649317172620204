// Sets of characters as ranges, which classes of regular expressions are made of.
#pragma once

#include <vector>

#include "engine/text/unicode.h"

namespace hearth {

/// Ranges in ascending order that neither touch nor overlap, without surrogates, which are no characters.
class CodePoints {
 public:
  CodePoints() = default;
  /// Of ranges in any order, which may overlap.
  explicit CodePoints(std::vector<CodePointRange> ranges);

  static CodePoints all();
  static CodePoints one(char32_t code_point) { return CodePoints({{code_point, code_point}}); }

  const std::vector<CodePointRange>& ranges() const { return ranges_; }
  bool empty() const { return ranges_.empty(); }
  bool has(char32_t code_point) const { return in_ranges(ranges_, code_point); }
  /// Whether all of the other's are here.
  bool has_all(const CodePoints& other) const { return (other - *this).empty(); }

  CodePoints operator|(const CodePoints& other) const;
  CodePoints operator&(const CodePoints& other) const;
  CodePoints operator-(const CodePoints& other) const;

  bool operator==(const CodePoints& other) const;
  bool operator<(const CodePoints& other) const;

 private:
  std::vector<CodePointRange> ranges_;
};

}  // namespace hearth
