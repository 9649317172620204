#include "engine/workflow/expression/pattern.h"

#include <fmt/format.h>

#include <algorithm>

namespace hearth::workflow {

using nlohmann::ordered_json;

Pattern::Pattern(const Element& element, std::vector<BadTemplate>& faults) : place_(element.place) {
  if (const std::string* text = element.text()) {
    Result<Template> read = Template::text(*text);
    if (!read.ok()) {
      faults.push_back({place_, read.error().message});
    } else if (!read->is_constant()) {
      text_ = std::move(read).value();
      is_constant_ = false;
      return;
    }
  }
  for (const Element& item : element.items) items_.emplace_back(item, faults);
  for (const Element::Member& member : element.members) {
    keys_.push_back(member.key);
    items_.emplace_back(member.value, faults);
  }
  is_constant_ =
      std::all_of(items_.begin(), items_.end(), [](const Pattern& item) { return item.is_constant_; });
  if (!is_constant_) return;
  constant_ = element.json();
  items_.clear();
  keys_.clear();
}

Result<ordered_json> Pattern::value(const Names& names) const {
  if (is_constant_) return constant_;
  if (text_) {
    Result<ordered_json> value = text_->value(names);
    if (value.ok() || place_.line == 0) return value;
    return Error{value.error().code,
                 fmt::format("{}:{}: {}", place_.line, place_.column, value.error().message)};
  }
  ordered_json::array_t list;
  ordered_json::object_t object;
  for (size_t i = 0; i < items_.size(); ++i) {
    HEARTH_ASSIGN(ordered_json value, items_[i].value(names));
    if (keys_.empty()) {
      list.push_back(std::move(value));
    } else {
      object.emplace_back(keys_[i], std::move(value));
    }
  }
  return keys_.empty() ? ordered_json(std::move(list)) : ordered_json(std::move(object));
}

}  // namespace hearth::workflow
