#include "engine/workflow/document/document.h"

#include <algorithm>

namespace hearth::workflow {

using nlohmann::ordered_json;

Element Element::scalar_at(Place place, ordered_json scalar) {
  Element element;
  element.place = place;
  element.scalar = std::move(scalar);
  return element;
}

Element Element::list_at(Place place) {
  Element element;
  element.place = place;
  element.kind = Kind::kList;
  return element;
}

Element Element::object_at(Place place) {
  Element element;
  element.place = place;
  element.kind = Kind::kObject;
  return element;
}

const Element* Element::find(std::string_view key) const {
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const auto& m) { return m.key == key; });
  return found == members.end() ? nullptr : &found->value;
}

std::string_view Element::described() const {
  if (is_list()) return "a list";
  if (is_object()) return "an object";
  if (scalar.is_null()) return "nothing";
  if (scalar.is_boolean()) return "true or false";
  if (scalar.is_number_float()) return "a number";
  return scalar.is_string() ? "a text" : "a whole number";
}

ordered_json Element::json() const {
  if (is_list()) {
    ordered_json list = ordered_json::array();
    for (const Element& item : items) list.push_back(item.json());
    return list;
  }
  if (!is_object()) return scalar;
  ordered_json::object_t object;  // by hand, since keys are known to differ
  for (const Member& member : members) object.emplace_back(member.key, member.value.json());
  return object;
}

}  // namespace hearth::workflow
