// Brings results of other threads to the one thread that may touch JavaScript.
#pragma once

#include <napi.h>

#include <deque>
#include <functional>
#include <mutex>

namespace hearth::node {

class MainThread {
 public:
  using Function = std::function<void(Napi::Env)>;

  explicit MainThread(Napi::Env env);
  MainThread(const MainThread&) = delete;
  MainThread& operator=(const MainThread&) = delete;

  /// Has `function` called on the main thread. From any thread; after `close`, nothing happens.
  void post(Function function);
  /// What still lies in the queue is dropped. Main thread only.
  void close();

  /// The process does not end by itself between a hold and its release. Main thread only.
  void hold();
  void release();

 private:
  static void drain(napi_env env, napi_value, void* context, void*);

  Napi::Env env_;
  napi_threadsafe_function wake_ = nullptr;
  std::mutex mutex_;
  std::deque<Function> queue_;
  bool closed_ = false;
  int held_ = 0;
};

}  // namespace hearth::node
