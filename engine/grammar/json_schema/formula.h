// What a value has to keep to, as a formula of schemas: this one and that one, but not a third. Equal
// formulas are one, so that each becomes one rule of the grammar, however often and however deep within
// itself it is needed.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

namespace hearth::json_schema {

enum class FormulaKind : uint8_t { kAny, kNever, kSchema, kConstant, kAnd, kNot };

struct FormulaId {
  uint32_t index;
  bool operator==(const FormulaId&) const = default;
  bool operator<(const FormulaId& other) const { return index < other.index; }
};

inline constexpr FormulaId kAny = {0};
inline constexpr FormulaId kNever = {1};

struct Formula {
  FormulaKind kind = FormulaKind::kAny;
  uint32_t schema = 0;                               // its number in the document
  const nlohmann::ordered_json* constant = nullptr;  // the value itself
  std::vector<FormulaId> parts = {};                 // of kAnd, ascending; of kNot, the one
};

class Formulas {
 public:
  Formulas();

  const Formula& operator[](FormulaId id) const { return formulas_[id.index]; }
  size_t size() const { return formulas_.size(); }

  FormulaId schema(uint32_t number);
  /// The value must outlive this.
  FormulaId constant(const nlohmann::ordered_json& value);
  FormulaId both(FormulaId a, FormulaId b);
  FormulaId negated(FormulaId id);

 private:
  FormulaId intern(Formula formula, std::string key);

  std::vector<Formula> formulas_;
  std::map<std::string, FormulaId> known_;
};

/// A text that is the same for equal values: 1 and 1.0 are, and objects whatever their order.
std::string canonical(const nlohmann::ordered_json& value);

}  // namespace hearth::json_schema
