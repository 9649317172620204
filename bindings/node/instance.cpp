#include "bindings/node/instance.h"

#include <utility>

#include "bindings/node/gpu.h"

namespace hearth::node {

void Instance::create(Napi::Env env) {
  auto* instance = new Instance(env);
  env.SetInstanceData(instance);
  // Node.js runs no clean-up hooks on process.exit(), and no 'exit' listeners where a worker is terminated.
  const auto process = env.Global().Get("process").As<Napi::Object>();
  const auto shut_down = [instance](const Napi::CallbackInfo&) { instance->shut_down(); };
  process.Get("once").As<Napi::Function>().Call(
      process, {Napi::String::New(env, "exit"), Napi::Function::New(env, shut_down)});
  env.AddCleanupHook([instance] { instance->shut_down(); });
}

void Instance::shut_down() {
  for (auto& [key, running] : engines_) {
    running.thread->stop();
    if (running.gpu != nullptr) running.gpu->close();
  }
  for (auto& [key, running] : engines_) running.thread->join();
  main_thread.close();
  kept_.clear();
  engines_.clear();
}

KeptId Instance::keep(Napi::Object object) {
  const KeptId id = next_kept_++;
  kept_.emplace(id, Napi::Persistent(object));
  return id;
}

Napi::Value Instance::kept(KeptId id) const {
  const auto found = kept_.find(id);
  return found == kept_.end() ? Napi::Value() : found->second.Value();
}

void Instance::call(KeptId id, const std::initializer_list<napi_value>& arguments) {
  const auto found = kept_.find(id);
  if (found == kept_.end()) return;
  found->second.Value().As<Napi::Function>().Call(arguments);
}

Failure Instance::start(const std::shared_ptr<EngineThread>& thread, Napi::Object source,
                        std::shared_ptr<Gpu> gpu) {
  Failure failure = thread->start();
  if (!failure) {
    engines_.emplace(thread.get(), Running{Napi::Persistent(source), std::move(gpu), thread});
  }
  return failure;
}

}  // namespace hearth::node
