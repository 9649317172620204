// How values are written: as JSON, or in another language that has the same values.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/grammar/grammar.h"
#include "engine/grammar/regular_set.h"

namespace hearth::json_schema {

/// What a string stands between, and what stands for characters in it.
struct Quoting {
  std::string mark = "\"";  // at both ends; empty: the text alone
  bool escapes = true;      // those of JSON; otherwise each character stands for itself
  std::string never = "";   // what no string may contain, as it would end there
};

struct Notation {
  std::vector<Quoting> quotings = {{}};  // any of them
  std::string_view truth = "true";
  std::string_view falsehood = "false";
  std::string_view null = "null";
  bool bare_keys = false;                // keys that are words have no quotes
  std::vector<std::string> tokens = {};  // control tokens that marks may be made of, by their texts
};

/// A mark, of which the parts that are one of these control tokens may be that token.
ExpressionId mark_expression(std::string_view mark, std::span<const std::string> tokens,
                             GrammarBuilder& builder);

/// Names that stand without quotes; of those that a schema doesn't name, letters, digits, _ and - alone.
bool is_word(std::string_view name);
RegularSet all_words();

}  // namespace hearth::json_schema
