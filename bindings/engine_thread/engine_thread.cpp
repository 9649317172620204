#include "bindings/engine_thread/engine_thread.h"

#include <algorithm>
#include <memory>

namespace hearth {
namespace {

const Failure kDisposed{HEARTH_DISPOSED, "the model was closed"};

StreamEvent stream_event(const hearth_event& event) {
  return {std::string(event.text, event.text_size),
          event.finish,
          {event.error, event.error_message},
          event.prompt_tokens,
          event.cached_tokens,
          event.completion_tokens,
          event.queued_ms,
          event.prefill_ms,
          event.decode_ms,
          event.seed,
          event.json};
}

}  // namespace

void Stream::fail(Failure failure) {
  StreamEvent event;
  event.finish = HEARTH_FINISH_ERROR;
  event.failure = std::move(failure);
  deliver_(std::move(event));
}

void Stream::cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  hearth_generation_cancel(handle_);
}

EngineThread::~EngineThread() {
  stop();
  join();
}

Failure EngineThread::start() {
  Result<Thread> thread = Thread::start([this] { main(); });
  if (!thread.ok()) return {HEARTH_OUT_OF_MEMORY, std::move(thread).error().message};
  thread_ = std::move(thread).value();
  return {};
}

void EngineThread::join() { thread_.join(); }

void EngineThread::stop() {
  {
    const std::lock_guard lock(task_mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
}

void EngineThread::run(Task task) {
  {
    const std::lock_guard lock(task_mutex_);
    if (!ended_) {
      tasks_.push_back(std::move(task));
      wake_.notify_one();
      return;
    }
  }
  task(nullptr);
}

void EngineThread::read(const std::function<void(hearth_model* model)>& read) {
  const std::shared_lock lock(model_mutex_);
  read(model_);
}

void EngineThread::main() {
  load();
  while (wait_for_work()) {
    run_tasks();
    step();
  }
  finish();
  callbacks_.ended();
}

void EngineThread::load() {
  hearth_model_options options;
  hearth_model_options_init(&options, sizeof(options));
  options.json = request_.options.c_str();
  options.gpu = request_.gpu;
  options.progress_user = this;
  options.progress = [](void* user, hearth_load_stage stage, uint64_t done, uint64_t total) {
    const auto* self = static_cast<const EngineThread*>(user);
    self->callbacks_.progress(stage, done, total);
    return self->stopping_ ? 1 : 0;
  };
  hearth_model* model = nullptr;
  const Failure failure = failure_of(
      request_.memory.empty()
          ? hearth_model_load_path(request_.path.c_str(), &options, &model)
          : hearth_model_load_memory(request_.memory.data(), request_.memory.size(), &options, &model));
  {
    const std::unique_lock lock(model_mutex_);
    model_ = model;
  }
  callbacks_.loaded(failure);
}

/// False when the thread shall end: it was stopped, or there is no model to work with.
bool EngineThread::wait_for_work() {
  std::unique_lock lock(task_mutex_);
  const bool is_going =
      std::any_of(streams_.begin(), streams_.end(), [](const auto& stream) { return !stream->held_; });
  wake_.wait(lock, [&] { return stopping_ || model_ == nullptr || !tasks_.empty() || is_going; });
  return !stopping_ && model_ != nullptr;
}

void EngineThread::run_tasks() {
  std::deque<Task> tasks;
  {
    const std::lock_guard lock(task_mutex_);
    tasks.swap(tasks_);
  }
  for (const Task& task : tasks) task(model_);
}

void EngineThread::step() {
  if (streams_.empty()) return;
  int busy = 0;
  // Should it fail, every generation gets a last event that says why.
  (void)hearth_model_step(model_, &busy);
  deliver_events();
}

void EngineThread::generate(std::shared_ptr<Stream> stream, std::vector<int32_t> tokens,
                            std::string options) {
  run([this, stream = std::move(stream), tokens = std::move(tokens),
       options = std::move(options)](hearth_model* model) { start(stream, model, tokens, options); });
}

void EngineThread::hold(std::shared_ptr<Stream> stream, bool held) {
  run([stream = std::move(stream), held](hearth_model* model) {
    if (model == nullptr) return;
    stream->held_ = held;
    hearth_generation_hold(stream->handle_, held ? 1 : 0);
  });
}

void EngineThread::cancel(const std::shared_ptr<Stream>& stream) {
  stream->cancel();
  hold(stream, false);
}

void EngineThread::start(const std::shared_ptr<Stream>& stream, hearth_model* model,
                         const std::vector<int32_t>& tokens, const std::string& chosen) {
  if (model == nullptr) return stream->fail(kDisposed);
  hearth_generation_options options;
  hearth_generation_options_init(model, &options, sizeof(options));
  options.json = chosen.c_str();
  hearth_generation* handle = nullptr;
  const Failure failure =
      failure_of(hearth_generation_create(model, tokens.data(), tokens.size(), &options, &handle));
  if (failure) return stream->fail(failure);
  const std::lock_guard lock(stream->mutex_);
  stream->handle_ = handle;
  if (stream->cancelled_) hearth_generation_cancel(handle);
  streams_.push_back(stream);
}

/// Hands out what the generations have to say and frees those that have ended.
void EngineThread::deliver_events() {
  std::erase_if(streams_, [](const std::shared_ptr<Stream>& stream) {
    hearth_event event{};
    do {
      event.struct_size = sizeof(event);
      const Failure failure = failure_of(hearth_generation_next(stream->handle_, &event));
      if (failure) {
        stream->fail(failure);
        event.finish = HEARTH_FINISH_ERROR;
      } else if (event.present != 0) {
        stream->deliver_(stream_event(event));
      }
    } while (event.present != 0 && event.finish == HEARTH_FINISH_NONE);
    if (event.finish == HEARTH_FINISH_NONE) return false;
    const std::lock_guard lock(stream->mutex_);
    hearth_generation_free(stream->handle_);
    stream->handle_ = nullptr;
    return true;
  });
}

void EngineThread::finish() {
  {
    const std::unique_lock lock(model_mutex_);
    hearth_model_free(model_);
    model_ = nullptr;
  }
  deliver_events();  // DISPOSED, to those that were going
  {
    const std::lock_guard lock(task_mutex_);
    ended_ = true;
  }
  run_tasks();
}

}  // namespace hearth
