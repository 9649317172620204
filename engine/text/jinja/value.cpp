#include "engine/text/jinja/value.h"

#include "engine/text/jinja/dict.h"
#include "engine/text/jinja/object.h"

namespace hearth::jinja {

std::optional<int64_t> Value::integer() const {
  if (const auto* integer = std::get_if<int64_t>(&data_)) return *integer;
  if (const bool* flag = boolean()) return *flag ? 1 : 0;
  return std::nullopt;
}

std::string_view Value::type_name() const {
  if (is_undefined()) return "undefined";
  if (is_none()) return "none";
  if (boolean()) return "boolean";
  if (real()) return "float";
  if (text()) return "string";
  if (list()) return list()->is_tuple ? "tuple" : "list";
  if (dict()) return "dict";
  if (object()) return object()->type_name();
  return "integer";
}

bool Value::truthy() const {
  if (is_undefined() || is_none()) return false;
  if (is_number()) return as_real() != 0;
  if (text()) return !text()->empty();
  if (list()) return !list()->items.empty();
  if (dict()) return dict()->size() != 0;
  return true;
}

}  // namespace hearth::jinja
