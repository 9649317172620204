// Strings as a notation writes them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/grammar/grammar.h"
#include "engine/grammar/json_schema/notation.h"
#include "engine/grammar/json_schema/value_set.h"
#include "engine/grammar/regular_set.h"

namespace hearth::json_schema {

class TextWriter {
 public:
  /// `quote` is the mark of the quoting.
  TextWriter(GrammarBuilder& builder, const Quoting& quoting, ExpressionId quote);

  /// Strings of a set, in quotes. UNSUPPORTED where they need too many states.
  Result<ExpressionId> strings(const StringSet& strings);
  Result<ExpressionId> strings(const RegularSet& texts);
  /// This very string, in quotes.
  Result<ExpressionId> string(const std::string& text);
  /// The texts of a set as they are.
  ExpressionId plain(const RegularSet& texts);

 private:
  ExpressionId character(const CodePoints& characters);
  ExpressionId escapes(const CodePoints& characters);
  ExpressionId code_units(const CodePoints& characters);
  ExpressionId hexadecimal(const std::vector<CodePointRange>& numbers, int digits);

  std::string next_name(std::string_view what) { return std::string(what) + "-" + std::to_string(rules_++); }

  GrammarBuilder& builder_;
  const Quoting quoting_;
  const ExpressionId quote_;
  CodePoints escaped_always_;
  size_t rules_ = 0;
  std::map<CodePoints, ExpressionId> characters_;
  std::map<CodePoints, ExpressionId> escapes_;
  std::vector<std::pair<RegularSet, ExpressionId>> sets_;  // written before
};

}  // namespace hearth::json_schema
