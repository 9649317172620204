#include "engine/grammar/json_schema/formula.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "engine/grammar/json_schema/decimal.h"
#include "engine/text/json_text.h"

namespace hearth::json_schema {

Formulas::Formulas() {
  formulas_.push_back({FormulaKind::kAny});
  formulas_.push_back({FormulaKind::kNever});
}

FormulaId Formulas::intern(Formula formula, std::string key) {
  const auto [entry, is_new] =
      known_.try_emplace(std::move(key), FormulaId{static_cast<uint32_t>(formulas_.size())});
  if (is_new) formulas_.push_back(std::move(formula));
  return entry->second;
}

FormulaId Formulas::schema(uint32_t number) {
  Formula formula{FormulaKind::kSchema};
  formula.schema = number;
  return intern(std::move(formula), "s" + std::to_string(number));
}

FormulaId Formulas::constant(const nlohmann::ordered_json& value) {
  Formula formula{FormulaKind::kConstant};
  formula.constant = &value;
  return intern(std::move(formula), "c" + canonical(value));
}

FormulaId Formulas::negated(FormulaId id) {
  if (id == kAny) return kNever;
  if (id == kNever) return kAny;
  if ((*this)[id].kind == FormulaKind::kNot) return (*this)[id].parts.front();
  Formula formula{FormulaKind::kNot};
  formula.parts = {id};
  return intern(std::move(formula), "n" + std::to_string(id.index));
}

FormulaId Formulas::both(FormulaId a, FormulaId b) {
  if (a == b || b == kAny) return a;
  if (a == kAny) return b;
  if (a == kNever || b == kNever) return kNever;
  const auto parts_of = [this](FormulaId id) {
    return (*this)[id].kind == FormulaKind::kAnd ? (*this)[id].parts : std::vector{id};
  };
  const std::vector<FormulaId> of_a = parts_of(a);
  const std::vector<FormulaId> of_b = parts_of(b);
  Formula formula{FormulaKind::kAnd};
  std::set_union(of_a.begin(), of_a.end(), of_b.begin(), of_b.end(), std::back_inserter(formula.parts));
  std::string key = "a";
  for (const FormulaId part : formula.parts) {
    const Formula& of_part = (*this)[part];
    if (of_part.kind == FormulaKind::kNot &&
        std::binary_search(formula.parts.begin(), formula.parts.end(), of_part.parts.front())) {
      return kNever;
    }
    key += std::to_string(part.index) + ",";
  }
  return intern(std::move(formula), std::move(key));
}

std::string canonical(const nlohmann::ordered_json& value) {
  if (value.is_number() || !large_integer(value).empty()) {
    const Decimal number = decimal_of(value);
    return (number.negative ? "-" : "") + number.digits + "e" + std::to_string(number.exponent);
  }
  if (value.is_array()) {
    std::string text = "[";
    for (const auto& item : value) text += canonical(item) + ",";
    return text + "]";
  }
  if (!value.is_object()) return write_json(value);
  std::vector<std::string> members;
  for (const auto& [name, member] : value.items()) {
    members.push_back(write_json(name) + ":" + canonical(member));
  }
  std::sort(members.begin(), members.end());
  std::string text = "{";
  for (const std::string& member : members) text += member + ",";
  return text + "}";
}

}  // namespace hearth::json_schema
