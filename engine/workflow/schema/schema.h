// JSON schemas as a check of values: of what a workflow is given and of what its nodes set.
//
// The keywords of draft 2020-12 that say something of a value by itself; of earlier drafts, a list of
// `items`. What else a schema says counts as a note, but for `unevaluated...`, which is refused.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>

#include "engine/base/result.h"

namespace hearth::workflow {

/// Copies share what was read, which does not change.
class Schema {
 public:
  using Json = nlohmann::ordered_json;

  /// No schema: everything keeps to it.
  Schema() = default;
  /// INVALID_ARGUMENT for what is no schema, UNSUPPORTED for what cannot be checked; both name the place.
  static Result<Schema> read(const Json& json);

  bool exists() const { return parsed_ != nullptr; }
  /// Null where there is none.
  const Json& json() const;

  /// Whether a value keeps to it. INVALID_ARGUMENT, "state.people[0].age must be a number, not text": `name`
  /// is what the value is called.
  Result<void> check(const Json& value, std::string_view name) const;
  /// Whether some members of an object keep to what it says of members of their names; that others are
  /// missing is no matter.
  Result<void> check_members(const Json& members, std::string_view name) const;
  /// Sets what an object does not have and the schema gives a default for.
  void fill_in(Json& object) const;

 private:
  struct Parsed;
  class Checker;
  std::shared_ptr<const Parsed> parsed_;
};

}  // namespace hearth::workflow
