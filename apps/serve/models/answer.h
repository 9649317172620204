// An answer that a model writes, as its reader gets it: event by event, on the network's thread.
#pragma once

#include <boost/asio/experimental/channel.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "apps/serve/models/begun_text.h"
#include "apps/serve/net.h"
#include "bindings/engine_thread/engine_thread.h"

namespace hearth::serve {

/// Is told of each event as it comes, on the network's thread, whether anybody reads it or not.
using AnswerWatch = std::function<void(const StreamEvent& event)>;

/// What a reader does again and again while it waits for an answer: a connection on which nothing is said for
/// long is cut by what lies between.
struct SignsOfLife {
  std::chrono::milliseconds every{0};  // 0: none
  std::function<Awaitable<>()> give;
};

class Answer {
 public:
  /// Starts it: `tokens` is the prompt, `options` are hearth_generation_options as JSON.
  Answer(net::any_io_executor executor, std::shared_ptr<EngineThread> engine, std::vector<int32_t> tokens,
         std::string options, AnswerWatch watch = {});
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;
  /// Cancels it where it is still being written.
  ~Answer();

  /// What the prompt has begun of the answer, which is then not told again. Before the first event.
  void is_begun_with(std::string_view text) { begun_ = BegunText(text); }

  /// Has next() give them. Before the first event.
  void keep_alive(SignsOfLife signs);
  /// When its request began to use the model, of whose file nothing may be lost from then on.
  void asked_at(std::chrono::steady_clock::time_point time) { asked_ = time; }

  /// The next event; the last has a `finish`. An error that ended the answer is thrown as a Refusal.
  Awaitable<StreamEvent> next();

 private:
  struct Queue;

  static void watch_for_silence(const std::shared_ptr<Queue>& queue, std::chrono::milliseconds time);

  std::shared_ptr<EngineThread> engine_;
  std::shared_ptr<Queue> queue_;
  std::shared_ptr<Stream> stream_;
  SignsOfLife signs_;
  BegunText begun_{""};
  std::chrono::steady_clock::time_point asked_ = std::chrono::steady_clock::now();
  bool held_ = false;
  bool ended_ = false;
};

}  // namespace hearth::serve
