// Which models there are: those that the configuration names, files of a folder, and what has been
// downloaded.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/serve/models/model_description.h"
#include "apps/serve/models/pull.h"
#include "apps/serve/net.h"
#include "apps/store/model_folder.h"
#include "apps/store/model_store.h"
#include "engine/base/result.h"

namespace hearth::serve {

using Description = std::shared_ptr<const ModelDescription>;
/// Whether somebody may know that there is the model of that name; empty: all of them.
using MaySee = std::function<bool(const std::string& name)>;

class Catalog {
 public:
  /// Reads folders on the pool. `keep_alive`: of models that the configuration does not name.
  Catalog(net::thread_pool& pool, Duration keep_alive) : pool_(pool), keep_alive_(keep_alive) {}

  /// INVALID_ARGUMENT where the name or an alias is taken, NOT_FOUND for an adapter without its base.
  Result<void> add(ModelDescription description);
  /// NOT_FOUND where none has been added under that name.
  Result<void> remove(const std::string& name);
  void use_folder(store::ModelFolder folder) { folder_ = std::move(folder); }
  void use_store(store::ModelStore store) { store_ = std::move(store); }
  const std::optional<store::ModelStore>& store() const { return store_; }
  /// The model that answers requests which name none; the first one by default.
  Result<void> set_default(const std::string& name);

  /// From now on the default model answers to names that no model has.
  void answer_any_name() { answers_any_name_ = true; }

  /// By name or alias; "" is the default one, and so are the names of services, such as "gpt-4o", which
  /// programs have built in. A name with ":latest" behind it is also that without, as Ollama's clients have
  /// them. Models that `may_see` hides are as if they were not there. Throws a Refusal: NOT_FOUND, with the
  /// names that there are.
  Awaitable<Description> find(std::string name, MaySee may_see = {});
  /// The adapters of the model of that name, in the configuration's order.
  std::vector<Description> adapters_of(const std::string& base) const;
  /// Those of the configuration first. Throws a Refusal where the folder can't be read.
  Awaitable<std::vector<Description>> list();
  /// What is known of a model's file. Where it can't be read, its `fault` says why.
  Awaitable<store::StoredModel> file_of(Description model);
  /// The file of a model, downloaded where it has to be. Throws a Refusal.
  Awaitable<std::string> locate(std::string source);

  /// Begins to download a model to the store, from where it is in the catalog when it is whole. Throws a
  /// Refusal where the server has no store.
  Awaitable<std::unique_ptr<Pull>> pull(std::string reference);
  /// Deletes a model of the store from the disk: that of the name or alias, no other for want of one. Throws
  /// a Refusal: NOT_FOUND, or INVALID_ARGUMENT for the models of the configuration and the folder, which are
  /// not the server's to delete.
  Awaitable<Description> erase(std::string name);

 private:
  Description configured(const std::string& name) const;
  /// That of these which answers where none is named; nullptr of none.
  Description default_of(const std::vector<Description>& all) const;
  /// All that are known, without a look at the disk.
  std::vector<Description> known() const;
  Awaitable<> look_on_disk();
  Result<std::vector<Description>> found_on_disk() const;
  std::optional<store::StoredModel> downloaded(const ModelDescription& model) const;

  const store::ModelStore& require_store() const;

  net::thread_pool& pool_;
  /// Downloads take long, and share what the connection gives: more wait for their turn.
  net::thread_pool downloads_{2};
  Duration keep_alive_;
  std::vector<Description> configured_;
  std::vector<Description> on_disk_;  // when it was looked at last: requests should not have to wait for that
  std::chrono::steady_clock::time_point looked_;
  std::optional<store::ModelFolder> folder_;
  std::optional<store::ModelStore> store_;
  std::string default_;
  bool answers_any_name_ = false;
};

}  // namespace hearth::serve
