// The C interface over Registry.
#include <optional>

#include "engine/hearth.h"
#include "engine/hearth_internal.h"
#include "engine/runtime/registry.h"

struct hearth_registry : hearth::Registry {
  using Registry::Registry;
};

using hearth::guarded;
using hearth::Registry;
using hearth::Result;

namespace hearth {
namespace {

/// A call that is about one model.
template <typename Body>
hearth_status with_name(hearth_registry* registry, const char* name, const Body& body) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(require(registry, "the registry"));
    HEARTH_TRY(require(name, "the model's name"));
    return body();
  });
}

}  // namespace
}  // namespace hearth

extern "C" {

hearth_status hearth_registry_create(uint64_t memory_budget, const char* default_model,
                                     hearth_registry** registry) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(hearth::require(registry, "the output"));
    std::optional<std::string> current;
    if (default_model != nullptr) current = default_model;
    *registry = new hearth_registry(memory_budget == 0 ? UINT64_MAX : memory_budget, std::move(current));
    return {};
  });
}

void hearth_registry_free(hearth_registry* registry) { delete registry; }

hearth_status hearth_registry_add(hearth_registry* registry, const char* name, uint64_t memory,
                                  hearth_unload unload, void* user) {
  return hearth::with_name(registry, name, [&]() -> Result<void> {
    if (unload == nullptr) return hearth::invalid("the function that unloads must not be NULL");
    HEARTH_ASSIGN(const auto unloaded, registry->add(name, memory));
    for (const std::string& other : unloaded) unload(user, other.c_str());
    return {};
  });
}

hearth_status hearth_registry_remove(hearth_registry* registry, const char* name) {
  return hearth::with_name(registry, name, [&] { return registry->remove(name); });
}

hearth_status hearth_registry_use(hearth_registry* registry, const char* name) {
  return hearth::with_name(registry, name, [&] { return registry->use(name); });
}

hearth_status hearth_registry_begin(hearth_registry* registry, const char* name, hearth_request* request) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(hearth::require(registry, "the registry"));
    HEARTH_TRY(hearth::require(request, "the output"));
    std::optional<std::string_view> wanted;
    if (name != nullptr) wanted = name;
    HEARTH_ASSIGN(const Registry::Entry* const entry, registry->begin(wanted));
    *request = {entry->id, entry->name.c_str()};
    return {};
  });
}

void hearth_registry_end(hearth_registry* registry, uint64_t request) {
  if (registry != nullptr) registry->end(request);
}

hearth_status hearth_registry_json(const hearth_registry* registry, hearth_text* json) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(hearth::require(registry, "the registry"));
    nlohmann::ordered_json all = {{"current", nullptr}, {"models", nlohmann::ordered_json::array()}};
    if (registry->current() != nullptr) all["current"] = registry->current()->name;
    for (const Registry::Entry& entry : registry->entries()) {
      all["models"].push_back({{"id", entry.name}, {"memory", entry.memory}, {"active", entry.active}});
    }
    return hearth::hand_out(hearth::to_text(all), json);
  });
}

}  // extern "C"
