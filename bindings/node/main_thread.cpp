#include "bindings/node/main_thread.h"

#include <utility>

namespace hearth::node {

MainThread::MainThread(Napi::Env env) : env_(env) {
  napi_create_threadsafe_function(env, nullptr, nullptr, Napi::String::New(env, "hearth"), 0, 1, nullptr,
                                  nullptr, this, drain, &wake_);
  napi_unref_threadsafe_function(env, wake_);
}

void MainThread::post(Function function) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  queue_.push_back(std::move(function));
  // One wake-up takes all that has gathered.
  if (queue_.size() == 1) napi_call_threadsafe_function(wake_, nullptr, napi_tsfn_nonblocking);
}

void MainThread::close() {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  closed_ = true;
  queue_.clear();
  napi_release_threadsafe_function(wake_, napi_tsfn_abort);
}

void MainThread::hold() {
  if (held_++ == 0 && !closed_) napi_ref_threadsafe_function(env_, wake_);
}

void MainThread::release() {
  if (--held_ == 0 && !closed_) napi_unref_threadsafe_function(env_, wake_);
}

void MainThread::drain(napi_env env, napi_value, void* context, void*) {
  if (env == nullptr) return;  // the environment is shutting down
  auto* self = static_cast<MainThread*>(context);
  std::deque<Function> functions;
  {
    const std::lock_guard lock(self->mutex_);
    functions.swap(self->queue_);
  }
  for (const Function& function : functions) {
    const Napi::HandleScope scope(env);
    function(Napi::Env(env));
    // What a callback throws is nobody's to catch; the others are called all the same.
    bool has_thrown = false;
    napi_value thrown = nullptr;
    if (napi_is_exception_pending(env, &has_thrown) == napi_ok && has_thrown &&
        napi_get_and_clear_last_exception(env, &thrown) == napi_ok) {
      napi_fatal_exception(env, thrown);
    }
  }
}

}  // namespace hearth::node
