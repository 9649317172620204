#include "apps/serve/models/models.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <list>

#include "apps/serve/models/failure.h"
#include "apps/serve/models/lost_pages.h"
#include "apps/serve/models/on_demand.h"

namespace hearth::serve {

using nlohmann::ordered_json;

struct Models::Entry {
  Description description;
  OnDemand<std::shared_ptr<ServedModel>> model;
  OnDemand<int32_t> adapter;   // its id in the model, where the description is one of an adapter
  std::vector<double> scales;  // of the model's adapters, in its own answers
  std::list<ServedModel::Progress> watchers;
  size_t active = 0;
  uint64_t memory = 0;  // bytes, where it has been loaded
  std::chrono::steady_clock::time_point used;
  Duration keep_alive = kForever;
};

/// A request's, as long as it lives: it is the next to use a model for which there has to be room.
class Models::Turn {
 public:
  explicit Turn(Models& models) : models_(models) { ++models_.turns_; }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    --models_.turns_;
    models_.tell_change();
  }

 private:
  Models& models_;
};

namespace {

/// How late it may be noticed that a model has been idle for long enough.
constexpr std::chrono::seconds kTendingPause{1};

/// A model does not fit beside those at work, which come to their end.
struct NoRoom : Refusal {
  explicit NoRoom(Refusal refusal) : Refusal(std::move(refusal)) {}
};

/// Listens to how loading goes, as long as it lives.
class Watch {
 public:
  Watch(std::list<ServedModel::Progress>& watchers, ServedModel::Progress progress)
      : watchers_(watchers), place_(watchers.insert(watchers.end(), std::move(progress))) {}
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() { watchers_.erase(place_); }

 private:
  std::list<ServedModel::Progress>& watchers_;
  std::list<ServedModel::Progress>::iterator place_;
};

}  // namespace

Models::Models(net::thread_pool& pool, Catalog& catalog, uint64_t memory_budget)
    : pool_(pool), catalog_(catalog), memory_budget_(memory_budget) {
  hearth_registry_create(memory_budget, nullptr, &registry_);
}

Models::~Models() { hearth_registry_free(registry_); }

std::shared_ptr<Models::Entry> Models::entry_of(const Description& description) {
  std::shared_ptr<Entry>& entry = entries_[description->name];
  if (!entry) {
    entry = std::make_shared<Entry>();
    entry->keep_alive = description->keep_alive;
  }
  entry->description = description;
  return entry;
}

Awaitable<std::unique_ptr<ModelUse>> Models::use(std::string name, ordered_json imposed,
                                                 ServedModel::Progress progress) {
  const Description asked = co_await catalog_.find(std::move(name));
  Description standing = asked;
  if (!asked->base.empty()) standing = co_await catalog_.find(asked->base);
  const std::shared_ptr<Entry> entry = entry_of(standing);
  if (!progress) progress = [](hearth_load_stage, uint64_t, uint64_t) {};
  const Watch watch(entry->watchers, std::move(progress));
  const std::shared_ptr<ServedModel> model = co_await loaded_model(entry);
  hearth_request request{};
  const Failure failure = failure_of(hearth_registry_begin(registry_, standing->name.c_str(), &request));
  if (failure) throw refusal_of(failure);
  ++entry->active;
  const auto end = [this, entry, id = request.id] {
    hearth_registry_end(registry_, id);
    --entry->active;
    entry->used = std::chrono::steady_clock::now();
    tell_change();
  };
  auto use = std::make_unique<ModelUse>(asked->name, model, std::move(imposed), end);
  if (asked != standing) {
    const int32_t id = co_await adapter_id(asked, model);
    const ordered_json chosen = {{"id", id}, {"scale", asked->scale}};
    use->impose("adapters", ordered_json::array({chosen}));
  }
  co_return use;
}

Awaitable<std::shared_ptr<ServedModel>> Models::loaded_model(std::shared_ptr<Entry> entry) {
  const OnDemand<std::shared_ptr<ServedModel>>::Make make = [this, entry] { return load(entry); };
  const auto is_for_others = [&] {
    return turns_ > 0 && entry->model.peek() != nullptr && !entry->description->pinned;
  };
  std::optional<Turn> turn;
  for (;;) {
    unload_damaged();
    while (turn ? !has_room(*entry) : is_for_others()) co_await wait_for_change();
    std::shared_ptr<ServedModel> model;
    try {
      model = co_await entry->model.get(make);
    } catch (const NoRoom&) {
      // It waits.
    }
    const bool is_whole = !pages_were_lost_since(whole_since_);
    // It may have been unloaded again before this request went on.
    if (model && entry->model.peek() != nullptr && is_whole) co_return model;
    if (!model && !turn) turn.emplace(*this);
  }
}

bool Models::has_room(const Entry& entry) const {
  return entry.model.peek() != nullptr || entry.memory + memory_of(false) <= memory_budget_;
}

uint64_t Models::memory_of(bool pinned_alone) const {
  uint64_t bytes = 0;
  for (const auto& [name, entry] : entries_) {
    const bool stays = entry->description->pinned || (!pinned_alone && entry->active > 0);
    if (stays && entry->model.peek() != nullptr) bytes += entry->memory;
  }
  return bytes;
}

Awaitable<> Models::wait_for_change() {
  if (!change_) change_.emplace(co_await net::this_coro::executor, net::steady_timer::time_point::max());
  boost::system::error_code ended;
  co_await change_->async_wait(net::redirect_error(net::use_awaitable, ended));
}

void Models::tell_change() {
  if (change_) change_->cancel();
}

Awaitable<int32_t> Models::adapter_id(Description adapter, std::shared_ptr<ServedModel> model) {
  const std::shared_ptr<Entry> entry = entry_of(adapter);
  const OnDemand<int32_t>::Make make = [this, adapter, model]() -> Awaitable<int32_t> {
    std::string path = co_await catalog_.locate(adapter->source);
    ordered_json arguments = ordered_json::array({std::move(path)});
    const Reply reply = co_await model->call("loadAdapter", std::move(arguments));
    co_return reply.json().get<int32_t>();
  };
  co_return co_await entry->adapter.get(make);
}

Awaitable<std::vector<int32_t>> Models::adapter_ids(std::string base, std::shared_ptr<ServedModel> model) {
  std::vector<int32_t> ids;
  for (const Description& adapter : catalog_.adapters_of(base)) {
    const int32_t id = co_await adapter_id(adapter, model);
    ids.push_back(id);
  }
  co_return ids;
}

Awaitable<std::vector<int32_t>> Models::adapter_ids(const ModelUse& use) {
  return adapter_ids(use.id(), use.model());
}

std::vector<double> Models::adapter_scales(const ModelUse& use) const {
  const auto found = entries_.find(use.id());
  return found == entries_.end() ? std::vector<double>() : found->second->scales;
}

Awaitable<> Models::set_adapter_scales(const ModelUse& use, std::vector<double> scales) {
  return add_adapters(entries_.at(use.id()), use.model(), std::move(scales));
}

Awaitable<> Models::add_adapters(std::shared_ptr<Entry> base, std::shared_ptr<ServedModel> model,
                                 std::vector<double> scales) {
  const std::vector<int32_t> ids = co_await adapter_ids(base->description->name, model);
  ordered_json chosen = ordered_json::array();
  for (size_t number = 0; number < ids.size(); ++number) {
    if (scales[number] != 0) chosen.push_back({{"id", ids[number]}, {"scale", scales[number]}});
  }
  ordered_json arguments = ordered_json::array({std::move(chosen)});
  co_await model->call("useAdapters", std::move(arguments));
  base->scales = std::move(scales);
}

Awaitable<std::shared_ptr<ServedModel>> Models::load(std::shared_ptr<Entry> entry) {
  const Description description = entry->description;
  const std::string path = co_await catalog_.locate(description->source);
  // The loaded model keeps it, and the entry the model.
  const auto progress = [weak = std::weak_ptr(entry)](hearth_load_stage stage, uint64_t done,
                                                      uint64_t total) {
    const auto loading = weak.lock();
    if (!loading) return;
    for (const ServedModel::Progress& watcher : loading->watchers) watcher(stage, done, total);
  };
  auto model = co_await ServedModel::load(pool_, description->name, path, description->options, progress);
  admit(*entry, *model);
  std::vector<double> scales;
  for (const Description& adapter : catalog_.adapters_of(description->name)) {
    scales.push_back(adapter->always ? adapter->scale : 0);
  }
  const bool has_any = std::any_of(scales.begin(), scales.end(), [](double scale) { return scale != 0; });
  entry->scales = scales;
  if (has_any) co_await add_adapters(entry, model, std::move(scales));
  entry->used = std::chrono::steady_clock::now();
  co_return model;
}

/// Makes room for it where there has to be.
void Models::admit(Entry& entry, const ServedModel& model) {
  const auto unloaded = [](void* user, const char* name) { static_cast<Models*>(user)->forget(name); };
  const std::string& name = entry.description->name;
  entry.memory = model.memory();
  if (const Failure failure =
          failure_of(hearth_registry_add(registry_, name.c_str(), model.memory(), unloaded, this))) {
    if (entry.memory + memory_of(true) <= memory_budget_) throw NoRoom(refusal_of(failure));
    throw refusal_of(failure);
  }
  hearth_request for_good{};
  if (entry.description->pinned) hearth_registry_begin(registry_, name.c_str(), &for_good);
}

bool Models::unload(const std::string& name) {
  const auto found = entries_.find(name);
  if (found == entries_.end() || found->second->model.peek() == nullptr) return false;
  hearth_registry_remove(registry_, name.c_str());
  forget(name);
  return true;
}

void Models::remove(const std::string& name) {
  (void)catalog_.remove(name);
  keep(name, Duration{0});
  unload(name);
}

void Models::forget(const std::string& name) {
  entries_[name]->model.forget();
  for (const auto& [other, entry] : entries_) {
    if (entry->description->base == name) entry->adapter.forget();
  }
  tell_change();
}

void Models::keep(const std::string& name, Duration keep_alive) {
  const auto found = entries_.find(name);
  if (found != entries_.end()) found->second->keep_alive = keep_alive;
}

void Models::unload_damaged() {
  if (!pages_were_lost_since(whole_since_)) return;
  whole_since_ = std::chrono::steady_clock::now();
  for (const State& state : loaded()) unload(state.description->name);
}

void Models::unload_idle() {
  const auto now = std::chrono::steady_clock::now();
  std::vector<std::string> idle;
  for (const auto& [name, entry] : entries_) {
    const bool is_kept = entry->description->pinned || entry->active > 0 || entry->model.peek() == nullptr;
    const auto idle_for = std::chrono::duration_cast<Duration>(now - entry->used);
    if (!is_kept && idle_for >= entry->keep_alive) idle.push_back(name);
  }
  for (const std::string& name : idle) unload(name);
}

void Models::drop_empty_entries() {
  std::erase_if(entries_, [](const auto& named) {
    const Entry& entry = *named.second;
    const bool is_loaded = entry.model.peek() != nullptr || entry.adapter.peek() != nullptr;
    const bool is_being_made = entry.model.is_being_made() || entry.adapter.is_being_made();
    return !is_loaded && !is_being_made && named.second.use_count() == 1;  // no request waits with it
  });
}

void Models::stop_loading() {
  for (const auto& [name, entry] : entries_) {
    entry->model.stop();
    entry->adapter.stop();
  }
}

Awaitable<> Models::load_pinned() {
  const std::vector<Description> all = co_await catalog_.list();
  for (const Description& description : all) {
    if (!description->pinned) continue;
    const auto loaded = co_await use(description->name, ordered_json::object());
  }
}

Awaitable<> Models::tend() {
  net::steady_timer timer(co_await net::this_coro::executor);
  for (;;) {
    timer.expires_after(kTendingPause);
    co_await timer.async_wait(net::use_awaitable);
    unload_damaged();
    unload_idle();
    drop_empty_entries();
  }
}

Models::State Models::state_of(const Entry& entry) {
  const auto* model = entry.model.peek();
  return {entry.description, model == nullptr ? nullptr : *model, entry.active, entry.used, entry.keep_alive};
}

Awaitable<std::vector<Models::State>> Models::list() {
  const std::vector<Description> all = co_await catalog_.list();
  std::vector<State> states;
  states.reserve(all.size());
  for (const Description& description : all) states.push_back(state_of(*entry_of(description)));
  co_return states;
}

std::vector<Models::State> Models::loaded() const {
  std::vector<State> states;
  for (const auto& [name, entry] : entries_) {
    if (entry->model.peek() != nullptr) states.push_back(state_of(*entry));
  }
  return states;
}

}  // namespace hearth::serve
