// Sets of values as rules of a grammar.
//
// JSON is written as programs write it: escapes where they are needed, and white space as of JSON.stringify
// and its like, compact or a line for each member.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/grammar/grammar.h"
#include "engine/grammar/json_schema/machine.h"
#include "engine/grammar/json_schema/object_machine.h"
#include "engine/grammar/json_schema/solver.h"
#include "engine/grammar/json_schema/text_writer.h"

namespace hearth::json_schema {

class Writer {
 public:
  explicit Writer(Solver& solver);

  /// The grammar of a formula's values. Errors of Solver::values and of GrammarBuilder::finish.
  Result<Grammar> write(FormulaId root);

 private:
  ExpressionId value(FormulaId id);
  Result<ExpressionId> body(FormulaId id);
  Result<ExpressionId> number(const ValueSet& set);
  ExpressionId any_number(bool whole);
  Result<ExpressionId> array(const ArraySet& array, const std::string& name);
  ExpressionId items(const ArraySet& array);
  Result<ExpressionId> unlike_items(const ArraySet& array);
  Result<ExpressionId> object(const ObjectSet& object, const std::string& name);
  Result<ExpressionId> in_any_order(const PossibleMembers& possible, int32_t least, int32_t most);
  ExpressionId enclosed(char opening, const MemberParts& parts, char closing);
  Result<ExpressionId> members(const Machine& machine, char closing, const std::string& name);
  ExpressionId rule(const std::string& name, ExpressionId body);
  ExpressionId member(const Machine::Member& member, const std::string& name);
  ExpressionId sequence(std::initializer_list<ExpressionId> parts) {
    return builder_.sequence(std::span(parts.begin(), parts.size()));
  }

  Solver& solver_;
  GrammarBuilder builder_;
  TextWriter text_;
  ExpressionId space_;  // where a line may end
  ExpressionId comma_;
  ExpressionId colon_;
  std::map<FormulaId, RuleId> rules_;
  std::deque<std::pair<FormulaId, RuleId>> waiting_;  // the outermost first
  size_t states_in_any_order_ = 0;
};

}  // namespace hearth::json_schema
