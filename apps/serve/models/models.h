// The models that the server knows: loaded when they are first asked for, within one budget of memory, which
// the engine's registry keeps (engine/runtime/registry.h).
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/serve/models/model_use.h"

namespace hearth::serve {

/// A model that requests may name, loaded or not.
struct ModelDescription {
  std::string name;
  std::vector<std::string> aliases;
  std::string path;
  nlohmann::ordered_json options = nlohmann::ordered_json::object();  // the engine's, of loading
};

class Models {
 public:
  /// `memory_budget`: bytes that loaded models may take together; 0: no limit.
  Models(net::thread_pool& pool, uint64_t memory_budget);
  ~Models();

  /// INVALID_ARGUMENT where there is one of that name. The first is the one that requests get that name none.
  Result<void> add(ModelDescription description);

  /// The model of that name or alias; "" is the default one. Loads it where it is not loaded yet; those who
  /// ask while it is loading wait for the same. `imposed`: ModelUse. Throws a Refusal: NOT_FOUND, what
  /// loading failed with, or OUT_OF_MEMORY where it does not fit beside those at work. Handlers go by
  /// use_model (service.h).
  Awaitable<std::unique_ptr<ModelUse>> use(std::string name, nlohmann::ordered_json imposed);

  struct Listed {
    const ModelDescription* description;
    std::shared_ptr<ServedModel> model;  // nullptr where it is not loaded
  };
  /// In the order in which they were added.
  std::vector<Listed> list() const;

 private:
  struct Entry;

  Entry& find(const std::string& name);
  Awaitable<> load(Entry& entry);
  void admit(Entry& entry, std::shared_ptr<ServedModel> model);

  net::thread_pool& pool_;
  hearth_registry* registry_ = nullptr;
  std::vector<std::unique_ptr<Entry>> entries_;
};

}  // namespace hearth::serve
