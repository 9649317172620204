// The models that are loaded: each when it is first asked for, all within one budget of memory, which the
// engine's registry keeps (engine/runtime/registry.h). On the network's thread.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/serve/models/catalog.h"
#include "apps/serve/models/model_use.h"

namespace hearth::serve {

class Models {
 public:
  /// `memory_budget`: bytes that loaded models may take together; 0: no limit.
  Models(net::thread_pool& pool, Catalog& catalog, uint64_t memory_budget);
  Models(const Models&) = delete;
  Models& operator=(const Models&) = delete;
  ~Models();

  Catalog& catalog() { return catalog_; }

  /// The model that the catalog finds under the name, loaded where it is not loaded yet; those who ask while
  /// it is loading wait for the same, and `progress` is told how far it is. Where it does not fit beside
  /// those at work it is waited for until it does; who comes later for models that could be unloaded waits,
  /// too, so that each has its turn. `imposed`: ModelUse. Throws a Refusal: NOT_FOUND, what loading failed
  /// with, or OUT_OF_MEMORY where it never fits. Handlers go by use_model (service.h).
  Awaitable<std::unique_ptr<ModelUse>> use(std::string name, nlohmann::ordered_json imposed,
                                           ServedModel::Progress progress = {});

  /// Gives its memory back as soon as the requests that it works on have ended. False where it is not loaded.
  bool unload(const std::string& name);

  /// The same, and the catalog forgets it. One that is being loaded is unloaded soon after that.
  void remove(const std::string& name);

  /// The engine's numbers of the adapters that the catalog has for a model, in order; those that are not yet
  /// there are loaded. Throws a Refusal.
  Awaitable<std::vector<int32_t>> adapter_ids(const ModelUse& use);
  /// How much of each is added to what the model answers under its own names.
  std::vector<double> adapter_scales(const ModelUse& use) const;
  /// From now on so much, as long as it is loaded. Throws a Refusal.
  Awaitable<> set_adapter_scales(const ModelUse& use, std::vector<double> scales);

  /// From now on it is unloaded when it has had no request for so long.
  void keep(const std::string& name, Duration keep_alive);

  /// Gives up what is being loaded; those who wait for it are told so.
  void stop_loading();

  /// Loads the models that always are to be there. Throws a Refusal where one can't be loaded.
  Awaitable<> load_pinned();
  /// Unloads the models that nobody has asked for as long as they are to be kept; for ever.
  Awaitable<> tend();

  /// Requests that wait until there is room for their model.
  size_t waiting_for_room() const { return turns_; }

  struct State {
    Description description;
    std::shared_ptr<ServedModel> model;          // nullptr where it is not loaded
    size_t active = 0;                           // requests that it works on
    std::chrono::steady_clock::time_point used;  // when its last request ended
    Duration keep_alive = kForever;
  };
  /// All that the catalog has.
  Awaitable<std::vector<State>> list();
  /// Those that are loaded.
  std::vector<State> loaded() const;

 private:
  struct Entry;
  class Turn;
  using Entries = std::map<std::string, std::shared_ptr<Entry>>;

  std::shared_ptr<Entry> entry_of(const Description& description);
  /// The entry's model, as soon as it is loaded and it is its turn.
  Awaitable<std::shared_ptr<ServedModel>> loaded_model(std::shared_ptr<Entry> entry);
  Awaitable<std::shared_ptr<ServedModel>> load(std::shared_ptr<Entry> entry);
  void admit(Entry& entry, const ServedModel& model);
  /// Whether the model of the entry, whose memory is known, fits beside those at work.
  bool has_room(const Entry& entry) const;
  /// Bytes of the models that can't be unloaded now, or ever.
  uint64_t memory_of(bool pinned_alone) const;
  Awaitable<> wait_for_change();
  void tell_change();
  void forget(const std::string& name);
  void unload_damaged();
  void unload_idle();
  void drop_empty_entries();
  Awaitable<int32_t> adapter_id(Description adapter, std::shared_ptr<ServedModel> model);
  Awaitable<std::vector<int32_t>> adapter_ids(std::string base, std::shared_ptr<ServedModel> model);
  Awaitable<> add_adapters(std::shared_ptr<Entry> base, std::shared_ptr<ServedModel> model,
                           std::vector<double> scales);
  static State state_of(const Entry& entry);

  net::thread_pool& pool_;
  Catalog& catalog_;
  uint64_t memory_budget_;
  hearth_registry* registry_ = nullptr;
  Entries entries_;  // by name; those that have been asked for
  size_t turns_ = 0;
  std::optional<net::steady_timer> change_;  // ends when there may be room, or a turn is over
  /// Since when the loaded models have lost no page of their files, as far as has been looked.
  std::chrono::steady_clock::time_point whole_since_ = std::chrono::steady_clock::now();
};

}  // namespace hearth::serve
