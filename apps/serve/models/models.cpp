#include "apps/serve/models/models.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <exception>

#include "apps/serve/models/failure.h"

namespace hearth::serve {

struct Models::Entry {
  ModelDescription description;
  std::shared_ptr<ServedModel> model;          // where it is loaded
  std::unique_ptr<net::steady_timer> loading;  // while it is: ends with it
  std::exception_ptr failure;                  // what the last loading failed with

  bool is_called(const std::string& name) const {
    const auto& aliases = description.aliases;
    return description.name == name || std::find(aliases.begin(), aliases.end(), name) != aliases.end();
  }
};

Models::Models(net::thread_pool& pool, uint64_t memory_budget) : pool_(pool) {
  hearth_registry_create(memory_budget, nullptr, &registry_);
}

Models::~Models() { hearth_registry_free(registry_); }

Result<void> Models::add(ModelDescription description) {
  const auto taken = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const auto& entry) { return entry->is_called(description.name); });
  if (taken != entries_.end()) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("there are two models called '{}'", description.name)};
  }
  auto entry = std::make_unique<Entry>();
  entry->description = std::move(description);
  entries_.push_back(std::move(entry));
  return {};
}

Models::Entry& Models::find(const std::string& name) {
  if (entries_.empty()) throw Refusal(404, ErrorCode::kNotFound, "the server has no models");
  if (name.empty()) return *entries_.front();
  std::string names;
  for (const auto& entry : entries_) {
    if (entry->is_called(name)) return *entry;
    names += fmt::format("{}'{}'", names.empty() ? "" : ", ", entry->description.name);
  }
  throw Refusal(404, ErrorCode::kNotFound, fmt::format("there is no model '{}'; there is {}", name, names))
      .about("model");
}

Awaitable<std::unique_ptr<ModelUse>> Models::use(std::string name, nlohmann::ordered_json imposed) {
  Entry& entry = find(name);
  while (!entry.model) {
    const net::any_io_executor executor = co_await net::this_coro::executor;
    if (!entry.loading) {
      entry.loading = std::make_unique<net::steady_timer>(executor, net::steady_timer::time_point::max());
      // By itself: who asked first may leave before the others.
      net::co_spawn(executor, load(entry), net::detached);
    }
    boost::system::error_code ended;
    co_await entry.loading->async_wait(net::redirect_error(net::use_awaitable, ended));
    if (!entry.model && entry.failure) std::rethrow_exception(entry.failure);
  }
  hearth_request request{};
  const Failure failure =
      failure_of(hearth_registry_begin(registry_, entry.description.name.c_str(), &request));
  if (failure) throw refusal_of(failure);
  const auto end = [this, id = request.id] { hearth_registry_end(registry_, id); };
  co_return std::make_unique<ModelUse>(entry.description.name, entry.model, std::move(imposed), end);
}

Awaitable<> Models::load(Entry& entry) {
  entry.failure = nullptr;
  try {
    const ModelDescription& description = entry.description;
    admit(entry, co_await ServedModel::load(pool_, description.name, description.path, description.options));
  } catch (const std::exception&) {
    entry.failure = std::current_exception();
  }
  entry.loading.reset();  // whoever waits goes on
}

void Models::admit(Entry& entry, std::shared_ptr<ServedModel> model) {
  const auto unload = [](void* user, const char* name) {
    for (const auto& other : static_cast<Models*>(user)->entries_) {
      if (other->description.name == name) other->model.reset();
    }
  };
  const Failure failure = failure_of(
      hearth_registry_add(registry_, entry.description.name.c_str(), model->memory(), unload, this));
  if (failure) throw refusal_of(failure);
  entry.model = std::move(model);
}

std::vector<Models::Listed> Models::list() const {
  std::vector<Listed> listed;
  for (const auto& entry : entries_) listed.push_back({&entry->description, entry->model});
  return listed;
}

}  // namespace hearth::serve
