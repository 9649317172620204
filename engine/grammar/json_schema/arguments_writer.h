// The arguments of a call that are an object, but not written as JSON.
#pragma once

#include <string>
#include <string_view>

#include "engine/grammar/argument_notation.h"
#include "engine/grammar/json_schema/writer.h"

namespace hearth::json_schema {

/// How the values among the arguments are written.
Notation notation_of(const ArgumentNotation& arguments);

class ArgumentsWriter : public Writer {
 public:
  ArgumentsWriter(Solver& solver, const ArgumentNotation& arguments);

  /// The grammar of the objects that keep to a formula. As Writer::write has it; UNSUPPORTED where an
  /// argument that must be there has a name that cannot be written so.
  Result<Grammar> write(FormulaId root);

 private:
  Result<ExpressionId> call(const ObjectSet& object, const std::string& name);
  Result<ExpressionId> python_argument(const Machine::Member& member);
  Result<ExpressionId> tagged_argument(const Machine::Member& member);
  Result<ExpressionId> tagged_value(const Machine::Member& member);
  Result<ExpressionId> name_of(const Machine::Member& member);
  ExpressionId pattern(std::string_view pattern);

  const ArgumentNotation arguments_;
  TextWriter plain_;  // text between tags
  ExpressionId gap_;  // what may stand between tags
};

}  // namespace hearth::json_schema
