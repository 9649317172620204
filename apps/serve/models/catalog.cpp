#include "apps/serve/models/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "apps/serve/models/blocking.h"
#include "apps/serve/refusal.h"
#include "apps/store/reference.h"

namespace hearth::serve {

namespace {

bool is_called(const ModelDescription& description, const std::string& name) {
  const auto& aliases = description.aliases;
  return description.name == name || std::find(aliases.begin(), aliases.end(), name) != aliases.end();
}

/// How long it may take until a model that has come onto the disk is found by a name that the default model
/// has, too.
constexpr std::chrono::seconds kLookAgain{1};

Description find_in(const std::vector<Description>& all, const std::string& name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& each) { return is_called(*each, name); });
  return found == all.end() ? nullptr : *found;
}

std::string without_latest(const std::string& name) {
  constexpr std::string_view kLatest = ":latest";
  return name.ends_with(kLatest) ? name.substr(0, name.size() - kLatest.size()) : name;
}

/// Names of services that programs have built in: here the default model answers to them, and says its own.
bool is_of_a_service(std::string_view name) {
  constexpr std::string_view kPrefixes[] = {"gpt-", "chatgpt-", "davinci-", "text-embedding-", "claude-"};
  return std::any_of(std::begin(kPrefixes), std::end(kPrefixes),
                     [name](std::string_view prefix) { return name.starts_with(prefix); });
}

/// Adds a model from the disk: under its reference where its name is another's, and not at all where that is,
/// too.
void add_found(std::vector<Description>& all, const Description& found) {
  if (!find_in(all, found->name)) {
    all.push_back(found);
  } else if (!found->aliases.empty() && !find_in(all, found->aliases.front())) {
    auto renamed = std::make_shared<ModelDescription>(*found);
    renamed->name = found->aliases.front();
    all.push_back(std::move(renamed));
  }
}

Description find_called(const std::vector<Description>& all, const std::string& name) {
  Description found = find_in(all, name);
  return found ? found : find_in(all, without_latest(name));
}

std::vector<Description> visible(std::vector<Description> all, const MaySee& may_see) {
  if (may_see) std::erase_if(all, [&](const Description& each) { return !may_see(each->name); });
  return all;
}

Refusal no_such_model(const std::string& name, const std::vector<Description>& all, bool is_part) {
  const char* of_which = is_part ? " that the key may use" : "";
  std::string names;
  for (const Description& each : all) names += fmt::format("{}'{}'", names.empty() ? "" : ", ", each->name);
  return Refusal(404, ErrorCode::kNotFound,
                 all.empty() ? fmt::format("the server has no models{}", of_which)
                             : fmt::format("there is no model '{}'{}; there is {}", name, of_which, names))
      .about("model");
}

}  // namespace

Result<void> Catalog::add(ModelDescription description) {
  std::vector<std::string> names = description.aliases;
  names.push_back(description.name);
  for (const std::string& name : names) {
    if (configured(name)) {
      return Error{ErrorCode::kInvalidArgument, fmt::format("there are two models called '{}'", name)};
    }
  }
  if (!description.base.empty() && !configured(description.base)) {
    return Error{ErrorCode::kNotFound, fmt::format("'{}' is an adapter of '{}', which there is not",
                                                   description.name, description.base)};
  }
  configured_.push_back(std::make_shared<const ModelDescription>(std::move(description)));
  return {};
}

Result<void> Catalog::remove(const std::string& name) {
  const auto removed = std::erase_if(configured_, [&](const auto& each) { return each->name == name; });
  if (removed > 0) return {};
  return Error{ErrorCode::kNotFound, fmt::format("there is no model '{}'", name)};
}

Result<void> Catalog::set_default(const std::string& name) {
  if (!configured(name)) {
    return Error{ErrorCode::kNotFound, fmt::format("the default model, '{}', is none of the models", name)};
  }
  default_ = name;
  return {};
}

Description Catalog::configured(const std::string& name) const { return find_in(configured_, name); }

std::vector<Description> Catalog::known() const {
  std::vector<Description> all = configured_;
  for (const Description& each : on_disk_) add_found(all, each);
  return all;
}

Description Catalog::default_of(const std::vector<Description>& all) const {
  const Description found = find_in(all, default_);
  return found || all.empty() ? found : all.front();
}

Awaitable<Description> Catalog::find(std::string name, MaySee may_see) {
  Description found =
      name.empty() ? default_of(visible(configured_, may_see)) : find_called(visible(known(), may_see), name);
  if (found) co_return found;
  const bool may_be_default = answers_any_name_ || name.empty() || is_of_a_service(name);
  if (!may_be_default || std::chrono::steady_clock::now() - looked_ > kLookAgain) co_await look_on_disk();
  const std::vector<Description> all = visible(known(), may_see);
  found = find_called(all, name);
  if (!found && may_be_default) found = default_of(all);
  if (!found) throw no_such_model(name, all, may_see != nullptr);
  co_return found;
}

std::vector<Description> Catalog::adapters_of(const std::string& base) const {
  std::vector<Description> adapters;
  std::copy_if(configured_.begin(), configured_.end(), std::back_inserter(adapters),
               [&](const Description& each) { return each->base == base; });
  return adapters;
}

Awaitable<std::vector<Description>> Catalog::list() {
  co_await look_on_disk();
  co_return known();
}

Awaitable<> Catalog::look_on_disk() {
  if (!folder_ && !store_) co_return;
  const auto look = [this] { return found_on_disk(); };
  on_disk_ = value_or_refuse(co_await on_pool<Result<std::vector<Description>>>(pool_, look));
  looked_ = std::chrono::steady_clock::now();
}

Result<std::vector<Description>> Catalog::found_on_disk() const {
  std::vector<store::StoredModel> models;
  if (folder_) {
    HEARTH_ASSIGN(models, folder_->list());
  }
  if (store_) {
    HEARTH_ASSIGN(const std::vector<store::StoredModel> stored, store_->list());
    models.insert(models.end(), stored.begin(), stored.end());
  }
  std::vector<Description> found;
  for (const store::StoredModel& model : models) {
    if (!model.fault.empty()) continue;
    ModelDescription description;
    description.name = model.name;
    if (model.reference != model.path.string()) description.aliases.push_back(model.reference);
    description.source = model.path.string();
    description.keep_alive = keep_alive_;
    found.push_back(std::make_shared<const ModelDescription>(std::move(description)));
  }
  return found;
}

std::optional<store::StoredModel> Catalog::downloaded(const ModelDescription& model) const {
  const bool is_address = store::is_address(model.source);
  if (!store_ && !is_address) return std::nullopt;
  const store::ModelStore store = store_.value_or(store::ModelStore());
  const auto found = store.find(is_address ? model.source : model.name);
  if (!found.ok() || (!is_address && found->path != model.source)) return std::nullopt;
  return *found;
}

Awaitable<store::StoredModel> Catalog::file_of(Description model) {
  return on_pool<store::StoredModel>(pool_, [this, model = std::move(model)] {
    if (auto found = downloaded(*model)) return *std::move(found);
    store::StoredModel file = store::model_at(model->source);
    store::read_header(file);
    return file;
  });
}

Awaitable<std::string> Catalog::locate(std::string source) {
  if (!store::is_address(source)) co_return source;
  const store::ModelStore store = store_.value_or(store::ModelStore());
  const auto look = [store, source] { return store.find(source); };
  const auto found = co_await on_pool<Result<store::StoredModel>>(pool_, look);
  if (found.ok()) co_return found->path.string();
  Pull download(co_await net::this_coro::executor, downloads_, store, std::move(source));
  std::optional<store::PullProgress> progress;
  do {
    progress = co_await download.next();
  } while (progress);
  co_return download.model().path.string();
}

const store::ModelStore& Catalog::require_store() const {
  if (store_) return *store_;
  throw Refusal(403, ErrorCode::kUnsupported, "this server serves the models that it was started with alone");
}

Awaitable<std::unique_ptr<Pull>> Catalog::pull(std::string reference) {
  co_return std::make_unique<Pull>(co_await net::this_coro::executor, downloads_, require_store(),
                                   std::move(reference));
}

Awaitable<Description> Catalog::erase(std::string name) {
  const std::vector<Description> all = co_await list();
  Description found = find_called(all, name);
  if (!found) throw no_such_model(name, all, false);
  if (const Description kept = configured(found->name)) {
    throw Refusal(
        400, ErrorCode::kInvalidArgument,
        fmt::format("'{}' is one of the server's own models, which it was told to serve", kept->name))
        .about("model");
  }
  const store::ModelStore& store = require_store();
  const std::function<Result<bool>()> remove = [&store, name = found->name]() -> Result<bool> {
    HEARTH_TRY(store.remove(name));
    return true;
  };
  value_or_refuse(co_await on_pool<Result<bool>>(pool_, remove));
  co_await look_on_disk();
  co_return found;
}

}  // namespace hearth::serve
