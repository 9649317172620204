#include "apps/serve/models/pull.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/post.hpp>

#include "apps/serve/refusal.h"

namespace hearth::serve {

namespace {

/// Reports that wait to be read; further ones are left out, since each says all that the ones before did.
constexpr size_t kMostUnread = 8;

}  // namespace

struct Pull::Shared {
  using Reports = net::experimental::channel<void(boost::system::error_code, store::PullProgress)>;

  explicit Shared(const net::any_io_executor& executor) : reports(executor, kMostUnread) {}

  std::atomic<bool> cancelled = false;
  Reports reports;                                    // closed at the end
  std::optional<Result<store::StoredModel>> outcome;  // at the end
};

Pull::Pull(const net::any_io_executor& executor, net::thread_pool& pool, store::ModelStore store,
           std::string reference)
    : shared_(std::make_shared<Shared>(executor)) {
  net::post(pool, [executor, shared = shared_, store = std::move(store), reference = std::move(reference)] {
    std::string told;
    const auto report = [&](const store::PullProgress& progress) {
      // The store reports even where nothing has changed, to be told to stop.
      std::string now =
          fmt::format("{} {} {} {}", progress.stage, progress.loaded, progress.file, progress.message);
      if (now == told) return !shared->cancelled;
      told = std::move(now);
      net::post(executor,
                [shared, progress] { shared->reports.try_send(boost::system::error_code(), progress); });
      return !shared->cancelled;
    };
    Result<store::StoredModel> outcome = store.pull(reference, report);
    net::post(executor, [shared, outcome = std::move(outcome)] {
      shared->outcome = outcome;
      shared->reports.close();
    });
  });
}

Pull::~Pull() { shared_->cancelled = true; }

Awaitable<std::optional<store::PullProgress>> Pull::next() {
  const auto [closed, progress] = co_await shared_->reports.async_receive(net::as_tuple(net::use_awaitable));
  if (!closed) co_return progress;
  if (!shared_->outcome) throw boost::system::system_error(closed);  // who waits has left
  model_ = value_or_refuse(std::move(*shared_->outcome));
  co_return std::nullopt;
}

}  // namespace hearth::serve
