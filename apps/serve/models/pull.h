// A download that is going on, as who asked for it follows it.
#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <optional>
#include <string>

#include "apps/serve/net.h"
#include "apps/store/model_store.h"

namespace hearth::serve {

class Pull {
 public:
  /// Starts it on a thread of the pool.
  Pull(const net::any_io_executor& executor, net::thread_pool& pool, store::ModelStore store,
       std::string reference);
  Pull(const Pull&) = delete;
  Pull& operator=(const Pull&) = delete;
  /// Cancels it where it is still going on; what has come stays for the next time.
  ~Pull();

  /// How far it is; nothing when the model is there. Throws a Refusal where it failed. What the reader misses
  /// is left out.
  Awaitable<std::optional<store::PullProgress>> next();
  /// When next() has given nothing.
  const store::StoredModel& model() const { return *model_; }

 private:
  struct Shared;

  std::shared_ptr<Shared> shared_;
  std::optional<store::StoredModel> model_;
};

}  // namespace hearth::serve
