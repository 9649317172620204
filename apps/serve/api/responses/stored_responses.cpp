#include "apps/serve/api/responses/stored_responses.h"

#include <algorithm>
#include <utility>

#include "apps/serve/json_text.h"

namespace hearth::serve::responses {

using nlohmann::ordered_json;

namespace {

size_t bytes_of(const Turns& turns) {
  size_t bytes = 0;
  for (const auto& turn : turns) bytes += json_text(turn->input).size() + json_text(turn->response).size();
  return bytes;
}

ordered_json item_called(const std::string& id, const ordered_json& items) {
  const auto found =
      std::find_if(items.begin(), items.end(), [&](const ordered_json& item) { return item["id"] == id; });
  return found == items.end() ? ordered_json() : *found;
}

}  // namespace

void StoredResponses::keep(const std::string& tenant, Turns turns, Clock::time_point now) {
  Tenant& keeper = tenants_[tenant];
  const std::string id = turns.back()->response["id"];
  const size_t bytes = bytes_of(turns);
  keeper.stored[id] = {std::move(turns), bytes, now};
  keeper.ids.push_back(id);
  keeper.bytes += bytes;
  drop_old(keeper, now);
}

void StoredResponses::drop_old(Tenant& tenant, Clock::time_point now) const {
  const auto is_over = [&](const std::string& id) {
    const auto stored = tenant.stored.find(id);
    return stored == tenant.stored.end() || tenant.stored.size() > limits_.responses ||
           tenant.bytes > limits_.bytes || now - stored->second.kept > limits_.time;
  };
  while (!tenant.ids.empty() && is_over(tenant.ids.front())) {
    drop(tenant, tenant.ids.front());
    tenant.ids.pop_front();
  }
}

bool StoredResponses::drop(Tenant& tenant, const std::string& id) {
  const auto stored = tenant.stored.find(id);
  if (stored == tenant.stored.end()) return false;
  tenant.bytes -= stored->second.bytes;
  tenant.stored.erase(stored);
  return true;
}

Turns StoredResponses::find(const std::string& tenant, const std::string& id, Clock::time_point now) {
  Tenant& keeper = tenants_[tenant];
  drop_old(keeper, now);
  const auto stored = keeper.stored.find(id);
  return stored == keeper.stored.end() ? Turns() : stored->second.turns;
}

bool StoredResponses::forget(const std::string& tenant, const std::string& id) {
  return drop(tenants_[tenant], id);
}

ordered_json StoredResponses::find_item(const std::string& tenant, const std::string& id,
                                        Clock::time_point now) {
  Tenant& keeper = tenants_[tenant];
  drop_old(keeper, now);
  for (const auto& [name, stored] : keeper.stored) {
    const Turn& turn = *stored.turns.back();
    ordered_json item = item_called(id, turn.response["output"]);
    if (item.is_null()) item = item_called(id, turn.input);
    if (!item.is_null()) return item;
  }
  return nullptr;
}

}  // namespace hearth::serve::responses
