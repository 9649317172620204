// How the arguments of a call are written where they are no JSON: what engine/text/answer reads back.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hearth {

struct ArgumentNotation {
  enum class Syntax : uint8_t {
    kJson,      // {"city": "Rome"}
    kPython,    // (city="Rome"), values being Python's literals
    kBareKeys,  // {city:<|"|>Rome<|"|>}, quotes being `quote`
    kTagged,    // a tag for each argument, as `parameter` has it, and `end` behind the last
  };

  Syntax syntax = Syntax::kJson;
  std::string quote = {};
  std::string parameter = {};  // a pattern (engine/text/answer/pattern.h) with $key, $value and maybe $string
  std::string end = {};
  std::vector<std::string> tokens = {};  // control tokens that these marks may be made of, by their texts

  bool operator==(const ArgumentNotation&) const = default;
};

}  // namespace hearth
