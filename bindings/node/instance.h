// What one JavaScript environment (the main program, or one of its workers) has open: its main thread, the
// models' threads, and the JavaScript functions and buffers that those threads refer to.
#pragma once

#include <napi.h>

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "bindings/engine_thread/engine_thread.h"
#include "bindings/node/main_thread.h"

namespace hearth::node {

class Gpu;

/// A JavaScript object that is kept alive, by number: unlike a reference to it, the number may be copied and
/// dropped on any thread.
using KeptId = uint64_t;

/// All members belong to the main thread.
class Instance {
 public:
  /// Makes the environment's one instance, which ends with it.
  static void create(Napi::Env env);
  static Instance& of(Napi::Env env) { return *env.GetInstanceData<Instance>(); }

  explicit Instance(Napi::Env env) : main_thread(env) {}

  KeptId keep(Napi::Object object);
  /// Calls what must be a function; nothing happens if it is not kept any more.
  void call(KeptId id, const std::initializer_list<napi_value>& arguments);
  /// Undefined if it is not kept any more.
  Napi::Value kept(KeptId id) const;
  void forget(KeptId id) { kept_.erase(id); }

  /// Starts a model's thread. `source` stays alive as long as it, and with it the memory that the model lies
  /// in; and so does the GPU that it computes with, if any.
  Failure start(const std::shared_ptr<EngineThread>& thread, Napi::Object source, std::shared_ptr<Gpu> gpu);
  /// For a thread that has ended.
  void forget(const EngineThread* engine) { engines_.erase(engine); }

  MainThread main_thread;

 private:
  struct Running {
    Napi::ObjectReference source;
    std::shared_ptr<Gpu> gpu;
    std::shared_ptr<EngineThread> thread;  // last: it uses the others
  };

  /// Ends every thread; nothing is reported any more. May be called again.
  void shut_down();

  std::unordered_map<KeptId, Napi::ObjectReference> kept_;
  KeptId next_kept_ = 0;
  std::unordered_map<const EngineThread*, Running> engines_;
};

}  // namespace hearth::node
