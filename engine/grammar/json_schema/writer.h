// Sets of values as rules of a grammar.
//
// They are written as programs write JSON: escapes where they are needed, and white space as of
// JSON.stringify and its like, compact or a line for each member.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/grammar/grammar.h"
#include "engine/grammar/json_schema/machine.h"
#include "engine/grammar/json_schema/notation.h"
#include "engine/grammar/json_schema/object_machine.h"
#include "engine/grammar/json_schema/solver.h"
#include "engine/grammar/json_schema/text_writer.h"

namespace hearth::json_schema {

class Writer {
 public:
  Writer(Solver& solver, const Notation& notation);

  /// The grammar of a formula's values. Errors of Solver::values and of GrammarBuilder::finish.
  Result<Grammar> write(FormulaId root);

 protected:
  /// How members stand in a row, and what each of them is.
  struct Row {
    ExpressionId opening;
    ExpressionId before_first;
    ExpressionId between;
    ExpressionId end;
    std::function<Result<ExpressionId>(const Machine::Member& member)> member;
    bool has_names = true;
  };

  ExpressionId value(FormulaId id);
  Result<ExpressionId> object(const ObjectSet& object, const std::string& name);
  Result<ExpressionId> object(const ObjectSet& object, const Row& row, const std::string& name);
  ExpressionId rule(const std::string& name, ExpressionId body);
  ExpressionId sequence(std::initializer_list<ExpressionId> parts) {
    return builder_.sequence(std::span(parts.begin(), parts.size()));
  }
  /// Writes all that values have been asked for.
  Result<Grammar> finish(RuleId root);

  Solver& solver_;
  GrammarBuilder builder_;
  ExpressionId space_;  // where a line may end
  ExpressionId comma_;

 private:
  Result<ExpressionId> body(FormulaId id);
  Result<ExpressionId> number(const ValueSet& set);
  ExpressionId any_number(bool whole);
  Result<ExpressionId> strings(const StringSet& set);
  Result<ExpressionId> string(const std::string& text);
  std::string_view word(std::string_view json) const;
  Result<ExpressionId> array(const ArraySet& array, const std::string& name);
  ExpressionId items(const ArraySet& array);
  Result<ExpressionId> unlike_items(const ArraySet& array);
  Row row_of_items();
  Result<ExpressionId> in_any_order(const PossibleMembers& possible, const Row& row, int32_t least,
                                    int32_t most);
  ExpressionId enclosed(const Row& row, const MemberParts& parts);
  Result<ExpressionId> members(const Machine& machine, const Row& row, const std::string& name);
  Result<ExpressionId> key(const Machine::Member& member);

  const Notation notation_;
  std::vector<TextWriter> texts_;  // one for each quoting
  ExpressionId colon_;
  std::map<FormulaId, RuleId> rules_;
  std::deque<std::pair<FormulaId, RuleId>> waiting_;  // the outermost first
  size_t states_in_any_order_ = 0;
};

}  // namespace hearth::json_schema
