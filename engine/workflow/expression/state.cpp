#include "engine/workflow/expression/state.h"

namespace hearth::workflow {

State::State(Json object) {
  for (auto entry = object.begin(); entry != object.end(); ++entry)
    set(entry.key(), std::move(entry.value()));
}

const State::Json* State::find(std::string_view key) const {
  const auto found = places_.find(key);
  return found == places_.end() ? nullptr : entries_[found->second].second.get();
}

void State::set(std::string_view key, Shared value) {
  const auto [place, is_new] = places_.emplace(key, entries_.size());
  if (is_new) {
    entries_.emplace_back(key, std::move(value));
  } else {
    entries_[place->second].second = std::move(value);
  }
}

State::Json State::json() const {
  Json::object_t object;
  object.reserve(entries_.size());
  for (const auto& [key, value] : entries_) object.emplace_back(key, *value);
  return object;
}

}  // namespace hearth::workflow
