// Patterns for the marks around a call, which say where its name stands: "<function=$name>".
//
// A blank stands for any white space or none, a line end for at most one. $name, $id, $key and $string stand
// for what is found there; all else for itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {

enum class MatchState : uint8_t { kMatched, kUndecided, kMismatched };

struct PatternMatch {
  MatchState state;
  size_t length = 0;  // of the text that matched
  std::string name;
  std::string id;
  std::string key;
  std::string string;  // what an attribute says of a value's being a string: "true" or "false"
};

/// Whether `text` begins with the pattern. Undecided where it may yet, which is not the case `at_end`.
PatternMatch match_pattern(std::string_view pattern, std::string_view text, bool at_end);

/// The pattern up to its first placeholder, blank or line end.
std::string_view first_mark(std::string_view pattern);

/// All that the pattern says literally.
std::vector<std::string_view> marks_in(std::string_view pattern);

struct FoundMark {
  size_t position;  // npos where there is none
  size_t mark;      // which one; of several at one position the longest
};

/// The first of the marks in `text`. None of them is empty.
FoundMark find_mark(std::string_view text, const std::vector<std::string_view>& marks);

/// How much of the text's end could be the beginning of a mark.
size_t unfinished_mark(std::string_view text, const std::vector<std::string_view>& marks);

bool is_space(char character);
/// How much white space the text begins with.
size_t space_length(std::string_view text);

}  // namespace hearth
