#include "bindings/node/generation.h"

#include <utility>

#include "bindings/node/convert.h"

namespace hearth::node {
namespace {

/// Keeps the process alive while a generation is going, and lets go while it is held: nobody may ever read
/// on. All members belong to the main thread.
class Attention {
 public:
  explicit Attention(MainThread& main_thread) : main_thread_(main_thread) { main_thread_.hold(); }

  void set_held(bool held) {
    if (ended_ || held == held_) return;
    held_ = held;
    held ? main_thread_.release() : main_thread_.hold();
  }
  void end() {
    set_held(true);
    ended_ = true;
  }

 private:
  MainThread& main_thread_;
  bool held_ = false;
  bool ended_ = false;
};

Stream::Deliver deliver_to(Instance& instance, KeptId on_event, const std::shared_ptr<Attention>& attention) {
  return [&instance, on_event, attention](StreamEvent event) {
    instance.main_thread.post([&instance, on_event, attention, event = std::move(event)](Napi::Env env) {
      const bool is_last = event.finish != HEARTH_FINISH_NONE;
      instance.call(on_event, {Napi::String::New(env, event.text),
                               is_last ? Napi::Value(to_result(env, event)) : env.Undefined(),
                               event.json.empty() ? env.Undefined() : Napi::String::New(env, event.json)});
      if (!is_last) return;
      instance.forget(on_event);
      attention->end();
    });
  };
}

}  // namespace

Napi::Value start_generation(Instance& instance, const std::shared_ptr<EngineThread>& engine,
                             const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto attention = std::make_shared<Attention>(instance.main_thread);
  const KeptId on_event = instance.keep(info[2].As<Napi::Object>());
  const auto stream = std::make_shared<Stream>(deliver_to(instance, on_event, attention));
  if (engine == nullptr) {
    stream->fail({HEARTH_DISPOSED, "the model was closed"});
  } else {
    engine->generate(stream, tokens_of(info[0]), info[1].ToString());
  }
  const std::weak_ptr<EngineThread> running = engine;
  auto controls = Napi::Object::New(env);
  controls.Set("cancel", Napi::Function::New(env, [stream, running, attention](const Napi::CallbackInfo&) {
                 attention->set_held(false);
                 if (const auto thread = running.lock()) thread->cancel(stream);
               }));
  controls.Set("hold", Napi::Function::New(env, [stream, running, attention](const Napi::CallbackInfo& call) {
                 const bool held = call[0].ToBoolean().Value();
                 attention->set_held(held);
                 if (const auto thread = running.lock()) thread->hold(stream, held);
               }));
  return controls;
}

}  // namespace hearth::node
