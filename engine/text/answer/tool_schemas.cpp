#include "engine/text/answer/tool_schemas.h"

#include <utility>

namespace hearth {
namespace {

using nlohmann::ordered_json;

constexpr int kDeepestSchema = 16;

/// Whether any of several answers is yes, and nothing if none is known to be yes and one is unknown.
class AnyOf {
 public:
  void add(std::optional<bool> answer) {
    if (!answer)
      unknown_ = true;
    else if (*answer)
      yes_ = true;
  }
  std::optional<bool> result() const {
    if (yes_) return true;
    return unknown_ ? std::nullopt : std::optional(false);
  }

 private:
  bool yes_ = false;
  bool unknown_ = false;
};

const ordered_json* member_of(const ordered_json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

/// What "#/$defs/name" and "#/definitions/name" point to.
const ordered_json* definition(const ordered_json& root, const ordered_json& reference) {
  const auto* pointer = reference.get_ptr<const std::string*>();
  if (pointer == nullptr) return nullptr;
  for (const char* place : {"$defs", "definitions"}) {
    const std::string beginning = std::string("#/") + place + "/";
    const ordered_json* definitions = member_of(root, place);
    if (definitions == nullptr || !pointer->starts_with(beginning)) continue;
    return member_of(*definitions, pointer->c_str() + beginning.size());
  }
  return nullptr;
}

std::optional<bool> schema_takes_string(const ordered_json& root, const ordered_json* schema, int depth) {
  if (schema == nullptr || depth == kDeepestSchema) return std::nullopt;
  AnyOf any;
  if (const ordered_json* type = member_of(*schema, "type")) {
    if (type->is_string()) return *type == "string";
    for (const ordered_json& one : *type) any.add(one == "string");
    return any.result();
  }
  if (const ordered_json* value = member_of(*schema, "const")) return value->is_string();
  if (const ordered_json* values = member_of(*schema, "enum")) {
    for (const ordered_json& value : *values) any.add(value.is_string());
    return any.result();
  }
  if (const ordered_json* reference = member_of(*schema, "$ref")) {
    return schema_takes_string(root, definition(root, *reference), depth + 1);
  }
  for (const char* several : {"anyOf", "oneOf", "allOf"}) {
    const ordered_json* schemas = member_of(*schema, several);
    if (schemas == nullptr || schemas->empty()) continue;
    for (const ordered_json& one : *schemas) any.add(schema_takes_string(root, &one, depth + 1));
    return any.result();
  }
  return std::nullopt;
}

}  // namespace

ToolSchemas::ToolSchemas(const ordered_json& tools) : parameters_(ordered_json::object()) {
  for (const ordered_json& tool : tools) {
    const ordered_json* nested = member_of(tool, "function");
    const ordered_json& function = nested == nullptr ? tool : *nested;
    const ordered_json* name = member_of(function, "name");
    const ordered_json* parameters = member_of(function, "parameters");
    if (name == nullptr || !name->is_string()) continue;
    (*parameters_)[name->get<std::string>()] = parameters == nullptr ? ordered_json() : *parameters;
  }
}

std::string ToolSchemas::code_tool() const {
  for (const char* name : {"python", "code_interpreter", "ipython"}) {
    if (parameters_ && parameters_->contains(name)) return name;
  }
  return parameters_ ? "" : "python";
}

std::optional<bool> ToolSchemas::takes_string(std::string_view name, std::string_view parameter) const {
  if (!parameters_ || !parameters_->contains(name)) return std::nullopt;
  return hearth::takes_string(parameters_->at(name), parameter);
}

std::optional<bool> takes_string(const ordered_json& parameters, std::string_view parameter) {
  const ordered_json* properties = member_of(parameters, "properties");
  if (properties == nullptr) return std::nullopt;
  return schema_takes_string(parameters, member_of(*properties, std::string(parameter).c_str()), 0);
}

}  // namespace hearth
