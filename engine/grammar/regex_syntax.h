// Regular expressions as people write them, taken apart: ECMA-262's, with what other dialects add harmlessly.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/grammar/code_points.h"

namespace hearth {

enum class RegexKind : uint8_t {
  kCharacters,
  kSequence,
  kChoice,
  kRepeat,
  kStart,  // ^: only where nothing stands before
  kEnd,    // $: only where nothing follows
};

struct RegexNode {
  RegexKind kind = RegexKind::kSequence;
  CodePoints characters;
  std::vector<RegexNode> parts;  // one of a repetition
  uint32_t least = 0;
  uint32_t most = 0;  // kNoMost: any number
};

inline constexpr uint32_t kNoMost = UINT32_MAX;

/// UNSUPPORTED for what is no matter of a finite automaton or asks for other rules (lookarounds, \b, back
/// references, flags), INVALID_ARGUMENT for what is no regular expression; both name the place.
Result<RegexNode> parse_regex(std::string_view pattern);

}  // namespace hearth
