// The keywords of one schema, read into a set of values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/grammar/json_schema/solver.h"

namespace hearth::json_schema {

/// The values that a schema of the document allows. Errors as of Solver::values.
Result<ValueSet> read_schema(Solver& solver, uint32_t place);

/// A schema that is an object, for those who read its keywords.
class Keywords {
 public:
  Keywords(Solver& solver, uint32_t place)
      : solver_(solver), place_(place), json_(*solver.document()[place].schema) {}

  Solver& solver() const { return solver_; }
  const Json& json() const { return json_; }
  uint32_t place() const { return place_; }
  int draft() const { return solver_.document().draft(); }
  /// Null where it is not there.
  const Json* find(std::string_view keyword) const;

  /// Where a keyword, or what stands at `steps` below, is.
  std::string pointer(std::string_view steps) const;
  Error invalid(std::string_view steps, const std::string& what) const;
  Error unsupported(std::string_view steps, const std::string& what) const;

  /// The whole number, 0 or more, of a keyword; nothing where the keyword is not there.
  Result<std::optional<uint64_t>> count(std::string_view keyword) const;
  /// The formula of a schema that stands at `steps`. INVALID_ARGUMENT where it is none.
  Result<FormulaId> schema(const Json& json, const std::string& steps) const;
  /// The values that it allows.
  Result<const ValueSet*> values(const Json& json, const std::string& steps) const;

 private:
  Solver& solver_;
  uint32_t place_;
  const Json& json_;
};

// Each takes what the keywords of its topic forbid: types first from all values, then the others from what no
// keyword but `type` has touched, and last the lists of values.
Result<void> read_types(const Keywords& keywords, ValueSet& set);
Result<void> read_numbers(const Keywords& keywords, ValueSet& set);
Result<void> read_strings(const Keywords& keywords, ValueSet& set);
Result<void> read_arrays(const Keywords& keywords, ArraySet& array);
Result<void> read_objects(const Keywords& keywords, ObjectSet& object);
Result<void> read_constants(const Keywords& keywords, ValueSet& set);

/// Takes what `json`, the value of a keyword that combines schemas, forbids; of other keywords nothing.
Result<void> read_combination(const Keywords& keywords, std::string_view keyword, const Json& json,
                              ValueSet& set);

}  // namespace hearth::json_schema
