#include "engine/workflow/definition/fields.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/nearest_name.h"

namespace hearth::workflow {

Fields::Fields(const Element& object, std::string_view what, Faults& faults)
    : object_(object), what_(what), faults_(faults) {
  if (!object.is_object()) {
    faults.error("wrong-type", object.place,
                 fmt::format("{} is an object with keys, not {}", what, object.described()));
  }
}

const Element* Fields::value(Spellings spellings) {
  const Element::Member* found = nullptr;
  for (const std::string_view spelling : spellings) {
    known_.emplace_back(spelling);
    const auto member = std::find_if(object_.members.begin(), object_.members.end(),
                                     [&](const auto& m) { return m.key == spelling; });
    if (member == object_.members.end()) continue;
    if (found != nullptr) {
      faults_.error(
          "key-twice", member->place,
          fmt::format("'{}' and '{}' say the same of {}; keep one", found->key, member->key, what_));
    } else {
      found = &*member;
    }
  }
  return found == nullptr || found->value.is_null() ? nullptr : &found->value;
}

void Fields::must_be(const Element& value, std::string_view wanted) {
  const auto member = std::find_if(object_.members.begin(), object_.members.end(),
                                   [&](const auto& m) { return &m.value == &value; });
  faults_.error("wrong-type", value.place,
                fmt::format("'{}' of {} must be {}, not {}", member->key, what_, wanted, value.described()));
}

std::optional<std::string> Fields::text(Spellings spellings) {
  const Element* value = this->value(spellings);
  if (value == nullptr) return std::nullopt;
  if (value->text()) return *value->text();
  must_be(*value, "a text");
  return std::nullopt;
}

std::optional<int64_t> Fields::whole(Spellings spellings, int64_t least, int64_t most) {
  const Element* value = this->value(spellings);
  if (value == nullptr) return std::nullopt;
  const bool fits = value->scalar.is_number_integer() &&
                    (!value->scalar.is_number_unsigned() || value->scalar.get<uint64_t>() <= INT64_MAX);
  if (fits && value->scalar.get<int64_t>() >= least && value->scalar.get<int64_t>() <= most) {
    return value->scalar.get<int64_t>();
  }
  must_be(*value, fmt::format("a whole number from {} to {}", least, most));
  return std::nullopt;
}

std::optional<double> Fields::number(Spellings spellings, double least, double most) {
  const Element* value = this->value(spellings);
  if (value == nullptr) return std::nullopt;
  if (value->scalar.is_number() && value->scalar.get<double>() >= least &&
      value->scalar.get<double>() <= most) {
    return value->scalar.get<double>();
  }
  must_be(*value, fmt::format("a number from {} to {}", least, most));
  return std::nullopt;
}

std::optional<bool> Fields::flag(Spellings spellings) {
  const Element* value = this->value(spellings);
  if (value == nullptr) return std::nullopt;
  if (value->scalar.is_boolean()) return value->scalar.get<bool>();
  must_be(*value, "true or false");
  return std::nullopt;
}

std::vector<std::string> Fields::texts(Spellings spellings) {
  const Element* value = this->value(spellings);
  if (value == nullptr) return {};
  if (value->text()) return {*value->text()};
  std::vector<std::string> texts;
  for (const Element& item : value->items) {
    if (item.text()) texts.push_back(*item.text());
  }
  if (!value->is_list() || texts.size() != value->items.size()) must_be(*value, "a text or a list of texts");
  return texts;
}

void Fields::pass_over(Spellings spellings) {
  known_.insert(known_.end(), spellings.begin(), spellings.end());
}

void Fields::finish() {
  for (const Element::Member& member : object_.members) {
    if (std::find(known_.begin(), known_.end(), member.key) != known_.end()) continue;
    faults_.error("unknown-key", member.place,
                  fmt::format("{} has no key '{}'; did you mean '{}'?", what_, member.key,
                              nearest_name(member.key, known_)));
  }
}

}  // namespace hearth::workflow
