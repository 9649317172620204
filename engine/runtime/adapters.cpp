#include "engine/runtime/adapters.h"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace hearth {

Result<std::shared_ptr<Adapter>> Adapters::read(std::shared_ptr<const ByteSource> source,
                                                Backend& device) const {
  HEARTH_ASSIGN(const Gguf file, Gguf::parse(std::move(source)));
  return Adapter::load(file, model_.spec().architecture, model_.matrices(), device);
}

Result<int32_t> Adapters::load(std::shared_ptr<const ByteSource> source) {
  HEARTH_ASSIGN(auto adapter, read(source, model_.backend()));
  std::erase_if(origins_, [](const Origin& origin) { return origin.adapter.expired(); });
  if (model_.backend().name() != "cpu") origins_.push_back({adapter, std::move(source)});
  loaded_[++last_id_] = std::move(adapter);
  return last_id_;
}

Result<Adapters::Copies> Adapters::copies_on(Backend& device) const {
  Copies all;
  for (const auto& [used, source] : origins_) {
    auto adapter = used.lock();
    if (adapter == nullptr) continue;
    HEARTH_ASSIGN(auto copy, read(source, device));
    all.adapters.push_back(std::move(adapter));
    all.copies.push_back(std::move(copy));
  }
  return all;
}

void Adapters::move_to(const Copies& copies) {
  for (size_t i = 0; i < copies.adapters.size(); ++i) {
    copies.adapters[i]->move_to_place_of(*copies.copies[i]);
  }
}

Result<void> Adapters::unload(int32_t id) {
  HEARTH_TRY(find(id));
  loaded_.erase(id);
  return {};
}

Result<std::shared_ptr<const Adapter>> Adapters::find(int32_t id) const {
  const auto found = loaded_.find(id);
  if (found != loaded_.end()) return std::shared_ptr<const Adapter>(found->second);
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
