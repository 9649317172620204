// The parameters of an action, read one by one.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace hearth::workflow {

class Parameters {
 public:
  using Json = nlohmann::ordered_json;
  using Spellings = std::initializer_list<std::string_view>;

  /// Borrows the parameters, an object.
  explicit Parameters(const Json& given) : given_(given) {}

  /// Null where none of the spellings is there, or is null.
  const Json* find(Spellings spellings) const;
  // INVALID_ARGUMENT, by the first spelling, where a parameter is missing or of another type.
  Result<const Json*> value(Spellings spellings) const;
  Result<std::string> text(Spellings spellings) const;
  Result<std::string> text_or(Spellings spellings, std::string_view otherwise) const;
  Result<int64_t> whole_or(Spellings spellings, int64_t otherwise) const;
  Result<bool> flag_or(Spellings spellings, bool otherwise) const;

 private:
  const Json& given_;
};

}  // namespace hearth::workflow
