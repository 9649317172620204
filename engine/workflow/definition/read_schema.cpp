// What a state or an input must be, as a JSON schema: one that is written as such, or types by their names in
// Python (str, int, ...), as The Edge Agent has them.
#include <fmt/format.h>

#include <map>

#include "engine/base/nearest_name.h"
#include "engine/workflow/definition/reader.h"

namespace hearth::workflow {
namespace {

using nlohmann::ordered_json;

const std::map<std::string_view, std::string_view> kSchemaTypes = {
    {"str", "string"},      {"string", "string"}, {"text", "string"},   {"int", "integer"},
    {"integer", "integer"}, {"float", "number"},  {"number", "number"}, {"bool", "boolean"},
    {"boolean", "boolean"}, {"list", "array"},    {"array", "array"},   {"tuple", "array"},
    {"dict", "object"},     {"object", "object"}, {"any", ""},          {"Any", ""}};

/// Keys of a detailed type, and what JSON schema calls them.
const std::map<std::string_view, std::string_view> kConstraints = {{"min_length", "minLength"},
                                                                   {"max_length", "maxLength"},
                                                                   {"pattern", "pattern"},
                                                                   {"min", "minimum"},
                                                                   {"max", "maximum"},
                                                                   {"choices", "enum"},
                                                                   {"enum", "enum"},
                                                                   {"default", "default"},
                                                                   {"description", "description"},
                                                                   {"min_items", "minItems"},
                                                                   {"max_items", "maxItems"}};

class TypesReader {
 public:
  explicit TypesReader(Faults& faults) : faults_(faults) {}

  ordered_json read_members(const Element& element) {
    ordered_json properties = ordered_json::object();
    ordered_json required = ordered_json::array();
    for (const auto& [key, place, value] : element.members) {
      const Element* is_required = value.find("required");
      if (is_required != nullptr && is_required->scalar == true) required.push_back(key);
      properties[key] = read_type(value);
    }
    ordered_json schema = {{"type", "object"}, {"properties", std::move(properties)}};
    if (!required.empty()) schema["required"] = std::move(required);
    return schema;
  }

 private:
  ordered_json read_type(const Element& element) {
    if (element.text()) return named(*element.text(), element.place);
    if (!element.is_object()) {
      faults_.error("bad-schema", element.place,
                    fmt::format("a type is a name such as str, not {}", element.described()));
      return ordered_json::object();
    }
    const Element* type = element.find("type");
    ordered_json schema =
        type != nullptr && type->text() ? named(*type->text(), type->place) : ordered_json::object();
    for (const auto& [key, place, value] : element.members) {
      if (const auto constraint = kConstraints.find(key); constraint != kConstraints.end()) {
        schema[std::string(constraint->second)] = value.json();
      } else if (key == "properties" && value.is_object()) {
        const ordered_json members = read_members(value);
        for (auto member = members.begin(); member != members.end(); ++member) {
          if (member.key() != "type") schema[member.key()] = member.value();
        }
      } else if (key == "items") {
        schema["items"] = read_type(value);
      } else if (key != "type" && key != "required") {
        schema[key] = value.json();  // a keyword of JSON schema
      }
    }
    return schema;
  }

  /// list[str], Optional[int] and the like, too. A value that is not there yet may be null.
  ordered_json named(std::string_view name, Place place) {
    const size_t bracket = name.find('[');
    const std::string_view outer = name.substr(0, bracket);
    if (outer == "Optional" && bracket != std::string_view::npos && name.ends_with(']')) {
      return named(name.substr(bracket + 1, name.size() - bracket - 2), place);
    }
    const auto known = kSchemaTypes.find(outer == "List" ? "list" : outer == "Dict" ? "dict" : outer);
    if (known == kSchemaTypes.end()) {
      std::vector<std::string> names;
      names.reserve(kSchemaTypes.size());
      for (const auto& [type, meaning] : kSchemaTypes) names.emplace_back(type);
      faults_.error(
          "bad-schema", place,
          fmt::format("there is no type '{}'; did you mean '{}'?", name, nearest_name(name, names)));
      return ordered_json::object();
    }
    if (known->second.empty()) return ordered_json::object();
    ordered_json schema = {{"type", {known->second, "null"}}};
    const bool has_items =
        known->second == "array" && bracket != std::string_view::npos && name.ends_with(']');
    if (has_items) schema["items"] = named(name.substr(bracket + 1, name.size() - bracket - 2), place);
    return schema;
  }

  Faults& faults_;
};

}  // namespace

Schema read_schema(const Element& element, Reader& reader) {
  if (!element.is_object()) {
    reader.faults.error("bad-schema", element.place,
                        fmt::format("a schema is an object, not {}", element.described()));
    return {};
  }
  const Element* type = element.find("type");
  const bool is_schema =
      element.find("$schema") != nullptr || (type != nullptr && type->text() && *type->text() == "object");
  return reader.schema(is_schema ? element.json() : TypesReader(reader.faults).read_members(element),
                       element.place);
}

}  // namespace hearth::workflow
