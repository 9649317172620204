// Checks a value against a schema.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/grammar/json_schema/formula.h"
#include "engine/text/json_text.h"
#include "engine/text/unicode.h"
#include "engine/workflow/schema/parsed_schema.h"

namespace hearth::workflow {
using Json = nlohmann::ordered_json;

namespace {

/// Schemas that may refer to each other, one within the other, on one value.
constexpr int kDeepestSchemas = 200;
/// Schemas that are looked at for one value: combinations of references to combinations grow without end.
constexpr size_t kMostSchemas = 1'000'000;

bool is_whole(const Json& value) {
  return value.is_number_integer() ||
         (value.is_number_float() && std::floor(value.get<double>()) == value.get<double>());
}

bool is_of(const Json& value, std::string_view type) {
  if (type == "null") return value.is_null();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return is_whole(value) || !large_integer(value).empty();
  if (type == "number") return value.is_number() || !large_integer(value).empty();
  if (type == "string") return value.is_string();
  return type == "array" ? value.is_array() : value.is_object();
}

/// For messages, short.
std::string shown(const Json& value) {
  std::string text = write_json(value);
  if (text.size() > 80) return fmt::format("{}...", valid_utf8(std::string_view(text).substr(0, 80)));
  return text;
}

std::string listed(const Json& types) {
  std::string text;
  for (const Json& type : types) text += (text.empty() ? "" : " or ") + type.get<std::string>();
  return text;
}

size_t length_of(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
}

bool equal(const Json& a, const Json& b) { return json_schema::canonical(a) == json_schema::canonical(b); }

}  // namespace

class Schema::Checker {
 public:
  explicit Checker(const Parsed& parsed) : parsed_(parsed) {}

  Result<void> check(const Json& schema, const Json& value, const std::string& name) {
    if (schema.is_boolean()) return schema.get<bool>() ? Result<void>() : wrong(name, "may not be there");
    if (++work_ > kMostSchemas || depth_ >= kDeepestSchemas) {
      return Error{ErrorCode::kUnsupported, fmt::format("{}: its schema refers to itself too often", name)};
    }
    ++depth_;
    Result<void> checked = check_all(schema, value, name);
    --depth_;
    return checked;
  }

  /// The members of an object by `properties`, `patternProperties` and `additionalProperties`.
  Result<void> check_members(const Json& schema, const Json& object, const std::string& name) {
    const Json* properties = keyword(schema, "properties");
    const Json* by_pattern = keyword(schema, "patternProperties");
    const Json* others = keyword(schema, "additionalProperties");
    for (auto entry = object.begin(); entry != object.end(); ++entry) {
      const std::string member = name.empty() ? entry.key() : fmt::format("{}.{}", name, entry.key());
      bool is_known = false;
      if (properties != nullptr && properties->contains(entry.key())) {
        is_known = true;
        HEARTH_TRY(check((*properties)[entry.key()], entry.value(), member));
      }
      if (by_pattern != nullptr) {
        for (auto pattern = by_pattern->begin(); pattern != by_pattern->end(); ++pattern) {
          if (!parsed_.patterns.at(pattern.key()).has(entry.key())) continue;
          is_known = true;
          HEARTH_TRY(check(pattern.value(), entry.value(), member));
        }
      }
      if (!is_known && others != nullptr) HEARTH_TRY(check(*others, entry.value(), member));
    }
    return {};
  }

 private:
  static const Json* keyword(const Json& schema, const char* name) {
    if (!schema.is_object()) return nullptr;
    const auto found = schema.find(name);
    return found == schema.end() ? nullptr : &*found;
  }
  static Error wrong(const std::string& name, std::string_view what) {
    return {ErrorCode::kInvalidArgument, fmt::format("{} {}", name, what)};
  }
  static Error must(const std::string& name, std::string_view what, const Json& value) {
    return wrong(name, fmt::format("must be {}, not {}", what, shown(value)));
  }

  Result<void> check_all(const Json& schema, const Json& value, const std::string& name) {
    if (const auto target = parsed_.references.find(&schema); target != parsed_.references.end())
      HEARTH_TRY(check(*target->second, value, name));
    if (const Json* type = keyword(schema, "type")) {
      const Json types = type->is_array() ? *type : Json::array({*type});
      if (std::none_of(types.begin(), types.end(),
                       [&](const Json& one) { return is_of(value, one.get_ref<const std::string&>()); }))
        return must(name, listed(types), value);
    }
    if (const Json* one_of = keyword(schema, "enum")) {
      if (std::none_of(one_of->begin(), one_of->end(), [&](const Json& one) { return equal(one, value); }))
        return must(name, fmt::format("one of {}", shown(*one_of)), value);
    }
    if (const Json* constant = keyword(schema, "const"); constant != nullptr && !equal(*constant, value))
      return must(name, shown(*constant), value);
    if (value.is_number()) HEARTH_TRY(check_number(schema, value, name));
    if (value.is_string()) HEARTH_TRY(check_text(schema, value, name));
    if (value.is_array()) HEARTH_TRY(check_list(schema, value, name));
    if (value.is_object()) HEARTH_TRY(check_object(schema, value, name));
    return check_combined(schema, value, name);
  }

  Result<void> check_number(const Json& schema, const Json& value, const std::string& name) {
    const auto limit = [&](const char* key, auto holds, std::string_view words) -> Result<void> {
      const Json* bound = keyword(schema, key);
      if (bound == nullptr || holds(value, *bound)) return {};
      return must(name, fmt::format("{} {}", words, shown(*bound)), value);
    };
    HEARTH_TRY(limit("minimum", std::greater_equal<>(), "at least"));
    HEARTH_TRY(limit("maximum", std::less_equal<>(), "at most"));
    HEARTH_TRY(limit("exclusiveMinimum", std::greater<>(), "more than"));
    HEARTH_TRY(limit("exclusiveMaximum", std::less<>(), "less than"));
    const auto is_multiple = [](const Json& number, const Json& of) {
      const double times = number.get<double>() / of.get<double>();
      return std::fabs(times - std::round(times)) <= 1e-9 * std::max(1.0, std::fabs(times));
    };
    return limit("multipleOf", is_multiple, "a multiple of");
  }

  Result<void> check_size(const Json& schema, size_t size, const char* least, const char* most,
                          std::string_view unit, const std::string& name) {
    const Json* lower = keyword(schema, least);
    if (lower != nullptr && size < lower->get<size_t>())
      return wrong(name, fmt::format("must have at least {} {}, not {}", shown(*lower), unit, size));
    const Json* upper = keyword(schema, most);
    if (upper != nullptr && size > upper->get<size_t>())
      return wrong(name, fmt::format("must have at most {} {}, not {}", shown(*upper), unit, size));
    return {};
  }

  Result<void> check_text(const Json& schema, const Json& value, const std::string& name) {
    const auto& text = value.get_ref<const std::string&>();
    HEARTH_TRY(check_size(schema, length_of(text), "minLength", "maxLength", "characters", name));
    const Json* pattern = keyword(schema, "pattern");
    if (pattern != nullptr && !parsed_.patterns.at(pattern->get<std::string>()).has(text))
      return must(name, fmt::format("a text that matches {}", shown(*pattern)), value);
    return {};
  }

  Result<void> check_list(const Json& schema, const Json& value, const std::string& name) {
    HEARTH_TRY(check_size(schema, value.size(), "minItems", "maxItems", "items", name));
    const Json* items = keyword(schema, "items");
    const Json* first = keyword(schema, "prefixItems");
    if (items != nullptr && items->is_array()) {
      first = items;
      items = keyword(schema, "additionalItems");
    }
    const size_t listed = first == nullptr ? 0 : first->size();
    for (size_t i = 0; i < value.size(); ++i) {
      const Json* item = i < listed ? &(*first)[i] : items;
      if (item != nullptr) HEARTH_TRY(check(*item, value[i], fmt::format("{}[{}]", name, i)));
    }
    if (const Json* contained = keyword(schema, "contains")) {
      HEARTH_ASSIGN(const size_t count,
                    count_of(value, [&](const Json& item) { return check(*contained, item, name); }));
      if (count == 0) return wrong(name, "has no item of the kind that `contains` asks for");
    }
    if (const Json* unique = keyword(schema, "uniqueItems"); unique != nullptr && unique->get<bool>()) {
      std::set<std::string> seen;
      for (const Json& item : value) {
        if (!seen.insert(json_schema::canonical(item)).second)
          return wrong(name, fmt::format("must not have {} twice", shown(item)));
      }
    }
    return {};
  }

  Result<void> check_object(const Json& schema, const Json& value, const std::string& name) {
    HEARTH_TRY(check_size(schema, value.size(), "minProperties", "maxProperties", "members", name));
    if (const Json* required = keyword(schema, "required")) {
      for (const Json& key : *required) {
        if (!value.contains(key.get_ref<const std::string&>()))
          return wrong(name, fmt::format("must have '{}'", key.get<std::string>()));
      }
    }
    if (const Json* names = keyword(schema, "propertyNames")) {
      for (auto entry = value.begin(); entry != value.end(); ++entry)
        HEARTH_TRY(check(*names, Json(entry.key()), fmt::format("the name of {}.{}", name, entry.key())));
    }
    return check_members(schema, value, name);
  }

  Result<void> check_combined(const Json& schema, const Json& value, const std::string& name) {
    const auto keeps = [&](const Json& one) { return check(one, value, name); };
    if (const Json* all = keyword(schema, "allOf")) {
      for (const Json& one : *all) HEARTH_TRY(keeps(one));
    }
    for (const char* kind : {"anyOf", "oneOf"}) {
      const Json* choices = keyword(schema, kind);
      if (choices == nullptr) continue;
      HEARTH_ASSIGN(const size_t count, count_of(*choices, keeps));
      if (count == 0 || (count > 1 && std::string_view(kind) == "oneOf"))
        return must(
            name,
            fmt::format("what {} of the {} schemas of its `{}` allow{}", count == 0 ? "one" : "only one",
                        choices->size(), kind, count == 0 ? "s" : ""),
            value);
    }
    if (const Json* no = keyword(schema, "not")) {
      HEARTH_ASSIGN(const bool holds, does(*no, keeps));
      if (holds) return must(name, fmt::format("something else than {}", shown(*no)), value);
    }
    const Json* condition = keyword(schema, "if");
    if (condition == nullptr) return {};
    HEARTH_ASSIGN(const bool holds, does(*condition, keeps));
    const Json* then = keyword(schema, holds ? "then" : "else");
    return then == nullptr ? Result<void>() : keeps(*then);
  }

  /// Whether `keeps` holds; what ends the check as a whole stays an error.
  template <typename Keeps>
  Result<bool> does(const Json& one, Keeps keeps) {
    const Result<void> kept = keeps(one);
    if (!kept.ok() && kept.error().code != ErrorCode::kInvalidArgument) return kept.error();
    return kept.ok();
  }
  template <typename Keeps>
  Result<size_t> count_of(const Json& list, Keeps keeps) {
    size_t count = 0;
    for (const Json& one : list) {
      HEARTH_ASSIGN(const bool kept, does(one, keeps));
      count += kept ? 1 : 0;
    }
    return count;
  }

  const Parsed& parsed_;
  int depth_ = 0;
  size_t work_ = 0;
};

Result<void> Schema::check(const Json& value, std::string_view name) const {
  return exists() ? Checker(*parsed_).check(json(), value, std::string(name)) : Result<void>();
}

Result<void> Schema::check_members(const Json& members, std::string_view name) const {
  return exists() ? Checker(*parsed_).check_members(json(), members, std::string(name)) : Result<void>();
}

}  // namespace hearth::workflow
