#include "apps/serve/models/answer.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>

#include "apps/serve/models/failure.h"
#include "apps/serve/models/lost_pages.h"

namespace hearth::serve {

namespace {

/// A reader that is so many events behind is waited for; from the other number on its answer goes on. Between
/// them the engine is not told with every event.
constexpr size_t kMostAhead = 64;
constexpr size_t kFewAhead = 16;

}  // namespace

/// What the engine's thread has written and nobody has read; used on the network's thread alone.
struct Answer::Queue {
  using Clock = std::chrono::steady_clock;
  using Channel = net::experimental::channel<void(boost::system::error_code, std::optional<StreamEvent>)>;

  explicit Queue(const net::any_io_executor& executor) : events(executor, SIZE_MAX), timer(executor) {}

  void see(const StreamEvent& event) {
    if (watch) watch(event);
    if (!event.text.empty() || !event.json.empty()) said = Clock::now();
    if (event.finish != HEARTH_FINISH_NONE)
      watch = nullptr;  // on this thread, whichever drops the last reference
  }

  Channel events;  // nothing in place of an event: it is time for a sign of life
  size_t unread = 0;
  AnswerWatch watch;
  net::steady_timer timer;
  Clock::time_point said = Clock::now();  // when something was last
};

void Answer::watch_for_silence(const std::shared_ptr<Queue>& queue, std::chrono::milliseconds time) {
  queue->timer.expires_at(queue->said + time);
  queue->timer.async_wait([known = std::weak_ptr(queue), time](boost::system::error_code ended) {
    const auto alive = known.lock();
    if (ended || alive == nullptr) return;
    const auto now = Queue::Clock::now();
    if (now - alive->said >= time) {
      alive->said = now;
      if (alive->unread == 0) alive->events.try_send(boost::system::error_code(), std::nullopt);
    }
    watch_for_silence(alive, time);
  });
}

Answer::Answer(net::any_io_executor executor, std::shared_ptr<EngineThread> engine,
               std::vector<int32_t> tokens, std::string options, AnswerWatch watch)
    : engine_(std::move(engine)), queue_(std::make_shared<Queue>(executor)) {
  queue_->watch = std::move(watch);
  stream_ = std::make_shared<Stream>([executor, queue = queue_](StreamEvent event) {
    net::post(executor, [queue, event = std::move(event)]() mutable {
      queue->see(event);
      ++queue->unread;
      queue->events.try_send(boost::system::error_code(), std::move(event));
    });
  });
  engine_->generate(stream_, std::move(tokens), std::move(options));
}

void Answer::keep_alive(SignsOfLife signs) {
  signs_ = std::move(signs);
  if (signs_.every.count() > 0) watch_for_silence(queue_, signs_.every);
}

Answer::~Answer() {
  queue_->timer.cancel();
  if (!ended_) engine_->cancel(stream_);
}

Awaitable<StreamEvent> Answer::next() {
  std::optional<StreamEvent> received = co_await queue_->events.async_receive(net::use_awaitable);
  while (!received) {
    co_await signs_.give();
    received = co_await queue_->events.async_receive(net::use_awaitable);
  }
  StreamEvent event = *std::move(received);
  refuse_pages_lost_since(asked_);
  --queue_->unread;
  const bool hold = held_ ? queue_->unread > kFewAhead : queue_->unread > kMostAhead;
  if (hold != held_) engine_->hold(stream_, held_ = hold);
  ended_ = event.finish != HEARTH_FINISH_NONE;
  if (event.finish == HEARTH_FINISH_ERROR) throw refusal_of(event.failure);
  event.text = begun_.without(std::move(event.text), ended_);
  co_return event;
}

}  // namespace hearth::serve
