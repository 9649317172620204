#include "engine/runtime/adapters.h"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace hearth {

Result<int32_t> Adapters::load(std::shared_ptr<const ByteSource> source) {
  HEARTH_ASSIGN(const Gguf file, Gguf::parse(std::move(source)));
  HEARTH_ASSIGN(auto adapter,
                Adapter::load(file, model_.spec().architecture, model_.matrices(), model_.backend()));
  loaded_[++last_id_] = std::move(adapter);
  return last_id_;
}

Result<void> Adapters::unload(int32_t id) {
  HEARTH_TRY(find(id));
  loaded_.erase(id);
  return {};
}

Result<std::shared_ptr<const Adapter>> Adapters::find(int32_t id) const {
  const auto found = loaded_.find(id);
  if (found != loaded_.end()) return found->second;
  return Error{ErrorCode::kNotFound,
               fmt::format("there is no adapter {}: loadAdapter gives their numbers", id)};
}

Result<std::shared_ptr<const AdapterSet>> Adapters::choose(std::span<const AdapterChoice> choices) const {
  auto set = std::make_shared<AdapterSet>();
  for (const auto& [id, scale] : choices) {
    HEARTH_ASSIGN(auto adapter, find(id));
    if (scale == 0.0F) continue;
    const std::string key = fmt::format("{}*{}", id, scale);
    set->members.push_back({std::move(adapter), scale, 0, key});
    set->key += key + ' ';
  }
  if (set->members.empty()) set.reset();
  return std::shared_ptr<const AdapterSet>(std::move(set));
}

}  // namespace hearth
