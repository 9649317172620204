// The JSON object that is a whole call: {"name": "weather", "arguments": {"city": "Rome"}, "id": "1"}.
#pragma once

#include <string>
#include <string_view>

#include "engine/text/answer/pattern.h"

namespace hearth {

struct CallWrapper {
  MatchState state;
  size_t length = 0;  // up to the arguments, or to the end where they came first or not at all
  size_t open = 0;    // objects that go on after that
  std::string name;
  std::string id;
  std::string arguments;  // JSON text, where they came first
  bool has_arguments = false;
  bool awaits_arguments = false;  // undecided, but only what they begin with is missing
};

/// Reads the object that `text` begins with up to its arguments, whose name must come first or last.
/// `is_named`: its only key is the name.
CallWrapper match_wrapper(std::string_view text, bool at_end, bool is_named);

/// Reads on behind the arguments, with so many objects `open`, to the end of the outermost.
CallWrapper match_wrapper_end(std::string_view text, bool at_end, size_t open);

}  // namespace hearth
