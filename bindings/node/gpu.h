// The GPU that JavaScript brings: a runner (packages/gpu) that the model's thread calls by way of the main
// one.
#pragma once

#include <napi.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "bindings/engine_thread/engine_thread.h"
#include "bindings/node/instance.h"
#include "engine/hearth_gpu.h"

namespace hearth::node {

/// Each call of the engine's is one of the object's, on the main thread, and the model's thread waits for its
/// end. While the GPU computes, the main thread is free: that wait is for a promise of the object's.
class Gpu {
 public:
  /// `object` is a GpuRunner of packages/gpu. Main thread only.
  Gpu(Instance& instance, Napi::Object object);
  /// Main thread only, as the model's has ended.
  ~Gpu() { instance_.forget(object_); }
  Gpu(const Gpu&) = delete;
  Gpu& operator=(const Gpu&) = delete;

  const hearth_gpu_runner& runner() const { return runner_; }
  /// The main thread answers no calls any more: whoever waits for one, or calls from now on, is told so. Any
  /// thread.
  void close();

 private:
  class Call;
  using Run = std::function<Napi::Value(Napi::Env env, Napi::Object object)>;

  static Gpu& of(void* user) { return *static_cast<Gpu*>(user); }
  static hearth_gpu_runner functions();

  /// Has `run` called on the main thread, and waits for that; or where it gives a promise and `awaited`, for
  /// its end. What is thrown there is the failure; what it gives else is `number`.
  hearth_status call(Run run, bool awaited = false, double* number = nullptr);

  Instance& instance_;
  KeptId object_;
  std::string name_, driver_;
  hearth_gpu_properties properties_;
  hearth_gpu_runner runner_;
  std::string message_;

  std::mutex mutex_;
  std::condition_variable done_;
  bool closed_ = false;
};

}  // namespace hearth::node
