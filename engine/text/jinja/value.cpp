#include "engine/text/jinja/value.h"

#include "engine/text/jinja/dict.h"
#include "engine/text/jinja/object.h"

namespace hearth::jinja {

std::optional<int64_t> Value::integer() const {
  if (const auto* integer = std::get_if<int64_t>(&data_)) return *integer;
  if (const bool* flag = boolean()) return *flag ? 1 : 0;
  return std::nullopt;
}

Value Value::integer(const BigInteger& value) {
  if (const std::optional<int64_t> small = value.small()) return integer(*small);
  return Value(Data(std::make_shared<const BigInteger>(value)));
}

double Value::as_real() const {
  if (real() != nullptr) return *real();
  return big() != nullptr ? big()->real() : static_cast<double>(*integer());
}

std::string_view Value::described() const {
  if (is_undefined()) return "something undefined";
  if (is_none()) return "none";
  if (boolean()) return "a boolean";
  if (real()) return "a float";
  if (text()) return "a string";
  if (list()) return list()->is_tuple ? "a tuple" : "a list";
  if (dict()) return "a dict";
  if (object()) return object()->described();
  return "an integer";
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
