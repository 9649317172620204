// One model and the thread that computes with it, for faces that must not wait: it works through the C ABI,
// and hands results to functions that it calls on its own thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/thread.h"
#include "engine/hearth.h"
#include "engine/hearth_gpu.h"

namespace hearth {

/// A failure as a value that crosses threads.
struct Failure {
  hearth_status status = HEARTH_OK;
  std::string message;

  explicit operator bool() const { return status != HEARTH_OK; }
};

/// The failure of the C call that has just been made on this thread.
inline Failure failure_of(hearth_status status) {
  return status == HEARTH_OK ? Failure() : Failure{status, hearth_error_message()};
}

/// What to load: a file, or parts that are in memory already and stay there until the thread has ended.
struct LoadRequest {
  std::string path;
  std::vector<hearth_memory> memory;
  std::string options;                     // as hearth_model_options has them: JSON
  const hearth_gpu_runner* gpu = nullptr;  // likewise; what it refers to stays until the thread has ended
};

/// One piece of an answer; the last has a `finish`.
struct StreamEvent {
  std::string text;
  hearth_finish_reason finish = HEARTH_FINISH_NONE;
  Failure failure;
  int32_t prompt_tokens = 0, cached_tokens = 0, completion_tokens = 0;
  double queued_ms = 0, prefill_ms = 0, decode_ms = 0;
  uint64_t seed = 0;
  std::string json;  // what else it carries; "" for nothing
};

/// A generation that is going, shared by the thread that runs it and those who may cancel it.
class Stream {
 public:
  using Deliver = std::function<void(StreamEvent event)>;

  explicit Stream(Deliver deliver) : deliver_(std::move(deliver)) {}

  /// Delivers the last event of a stream that was not begun.
  void fail(Failure failure);

 private:
  friend class EngineThread;

  void cancel();

  Deliver deliver_;
  std::mutex mutex_;  // guards the handle against a cancel while it is freed
  hearth_generation* handle_ = nullptr;
  bool cancelled_ = false;
  bool held_ = false;  // the engine thread's own
};

class EngineThread {
 public:
  struct Callbacks {
    std::function<void(hearth_load_stage stage, uint64_t done, uint64_t total)> progress;
    std::function<void(Failure failure)> loaded;
    std::function<void()> ended;  // the last thing that the thread does
  };
  /// Works with the model between two of its steps; gets nullptr once it has been freed.
  using Task = std::function<void(hearth_model* model)>;

  EngineThread(LoadRequest request, Callbacks callbacks)
      : request_(std::move(request)), callbacks_(std::move(callbacks)) {}
  EngineThread(const EngineThread&) = delete;
  EngineThread& operator=(const EngineThread&) = delete;
  /// Stops and joins.
  ~EngineThread();

  /// Starts to load. Where the system gives no thread for that, it fails, and no callback is called.
  Failure start();
  void run(Task task);
  /// Runs a generation, with options as hearth_generation_options has them: JSON.
  void generate(std::shared_ptr<Stream> stream, std::vector<int32_t> tokens, std::string options);
  /// While held, a stream computes nothing (hearth_generation_hold). Any thread.
  void hold(std::shared_ptr<Stream> stream, bool held);
  /// Cancels a stream, held or not. Any thread.
  void cancel(const std::shared_ptr<Stream>& stream);
  /// Calls `read` on this thread with the model, or with nullptr where there is none (any more). For what
  /// only reads the model: it may run beside a step. Any thread.
  void read(const std::function<void(hearth_model* model)>& read);
  /// Cancels loading and every generation, then frees the model. Returns at once. Any thread.
  void stop();
  /// Waits for the thread to end; not on itself.
  void join();

 private:
  void main();
  void load();
  bool wait_for_work();
  void run_tasks();
  void step();
  void start(const std::shared_ptr<Stream>& stream, hearth_model* model, const std::vector<int32_t>& tokens,
             const std::string& chosen);
  void deliver_events();
  void finish();

  LoadRequest request_;
  Callbacks callbacks_;
  std::atomic<bool> stopping_ = false;

  std::shared_mutex model_mutex_;  // held alone to set or free the model, shared to read it
  hearth_model* model_ = nullptr;
  std::vector<std::shared_ptr<Stream>> streams_;

  std::mutex task_mutex_;
  std::condition_variable wake_;
  std::deque<Task> tasks_;
  bool ended_ = false;  // no task is taken any more

  Thread thread_;  // last: it uses all of the above
};

}  // namespace hearth
