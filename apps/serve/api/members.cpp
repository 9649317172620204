#include "apps/serve/api/members.h"

#include <fmt/format.h>

#include "apps/serve/json_text.h"
#include "apps/serve/refusal.h"

namespace hearth::serve {

using nlohmann::ordered_json;

const ordered_json& Members::operator[](std::string_view name) const {
  static const ordered_json kNone;
  const auto found = object_.find(name);
  return found == object_.end() ? kNone : *found;
}

std::string Members::text(std::string_view name, std::string_view otherwise) const {
  const ordered_json& value = (*this)[name];
  if (value.is_null()) return std::string(otherwise);
  if (!value.is_string()) refuse(name, fmt::format("must be a string, not {}", shown(value)));
  return value.get<std::string>();
}

bool Members::flag(std::string_view name, bool otherwise) const {
  const ordered_json& value = (*this)[name];
  if (value.is_null()) return otherwise;
  if (!value.is_boolean()) refuse(name, fmt::format("must be true or false, not {}", shown(value)));
  return value.get<bool>();
}

int64_t Members::integer(std::string_view name, int64_t least, int64_t most, int64_t otherwise) const {
  const ordered_json& value = (*this)[name];
  if (value.is_null()) return otherwise;
  const bool fits = value.is_number_unsigned() ? value.get<uint64_t>() <= static_cast<uint64_t>(INT64_MAX)
                                               : value.is_number_integer();
  if (!fits || value.get<int64_t>() < least || value.get<int64_t>() > most) {
    refuse(name, fmt::format("must be a whole number from {} to {}, not {}", least, most, shown(value)));
  }
  return value.get<int64_t>();
}

Members Members::object(std::string_view name) const {
  static const ordered_json kEmpty = ordered_json::object();
  const ordered_json& value = (*this)[name];
  if (value.is_null()) return Members(kEmpty, path_of(name));
  if (!value.is_object()) refuse(name, fmt::format("must be an object, not {}", shown(value)));
  return Members(value, path_of(name));
}

const ordered_json& Members::array(std::string_view name) const {
  static const ordered_json kEmpty = ordered_json::array();
  const ordered_json& value = (*this)[name];
  if (value.is_null()) return kEmpty;
  if (!value.is_array()) refuse(name, fmt::format("must be a list, not {}", shown(value)));
  return value;
}

std::string Members::path_of(std::string_view name) const {
  return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
}

void Members::refuse(std::string_view name, const std::string& message) const {
  refuse_param(path_of(name), message);
}

std::string shown(const ordered_json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list";
  constexpr size_t kMost = 60;
  const std::string text = json_text(value);
  return text.size() <= kMost ? text : "such a long " + std::string(value.type_name());
}

}  // namespace hearth::serve
