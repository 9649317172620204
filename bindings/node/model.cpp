#include "bindings/node/model.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bindings/engine_thread/engine_thread.h"
#include "bindings/node/convert.h"
#include "bindings/node/generation.h"
#include "bindings/node/gpu.h"

namespace hearth::node {

struct ModelObject::State {
  explicit State(Napi::Env env) : instance(Instance::of(env)), loading(env) {}

  Instance& instance;
  std::weak_ptr<EngineThread> engine;  // the instance owns it, until it has ended
  Pending loading;
  KeptId progress = 0;
  std::vector<Pending> disposing;
};

namespace {

const Failure kDisposed{HEARTH_DISPOSED, "the model was closed"};
const Failure kAborted{HEARTH_ABORTED, "the model was closed while it was loading"};

/// Calls hearth_call. What comes of it: {type, data}.
Outcome call_outcome(hearth_model* model, const std::string& name, const std::string& arguments,
                     std::span<const uint8_t> data) {
  const std::shared_ptr<hearth_reply> reply(new hearth_reply{}, [](hearth_reply* owned) {
    hearth_bytes_free(&owned->data);
    delete owned;
  });
  const Failure failure =
      failure_of(hearth_call(model, name.c_str(), arguments.c_str(), data.data(), data.size(), reply.get()));
  return {failure, [reply](Napi::Env env) {
            auto object = Napi::Object::New(env);
            object.Set("type", static_cast<int>(reply->type));
            // JavaScript takes the memory over; Electron, which allows no such buffers, gets a copy.
            const hearth_bytes taken = std::exchange(reply->data, {});
            object.Set("data", Napi::Buffer<uint8_t>::NewOrCopy(env, taken.data, taken.size,
                                                                [](Napi::Env, uint8_t* bytes) {
                                                                  hearth_bytes owned{bytes, 0};
                                                                  hearth_bytes_free(&owned);
                                                                }));
            return object;
          }};
}

}  // namespace

Napi::Function ModelObject::define(Napi::Env env) {
  return DefineClass(
      env, "Model",
      {InstanceMethod<&ModelObject::call>("call"), InstanceMethod<&ModelObject::generate>("generate"),
       InstanceMethod<&ModelObject::dispose>("dispose")});
}

// new Model(source, options as JSON, onProgress, gpu?): begins to load; `ready` is a promise.
ModelObject::ModelObject(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<ModelObject>(info), state_(std::make_shared<State>(info.Env())) {
  const auto state = state_;
  const auto source = info[0].As<Napi::Object>();
  state->progress = state->instance.keep(info[2].As<Napi::Function>());
  info.This().As<Napi::Object>().Set("ready", state->loading.promise(info.Env()));

  EngineThread::Callbacks callbacks;
  callbacks.progress = [state](hearth_load_stage stage, uint64_t done, uint64_t total) {
    state->instance.main_thread.post([state, stage, done, total](Napi::Env env) {
      state->instance.call(state->progress, {Napi::String::New(env, stage_name(stage)),
                                             Napi::Number::New(env, static_cast<double>(done)),
                                             Napi::Number::New(env, static_cast<double>(total))});
    });
  };
  callbacks.loaded = [state](const Failure& failure) {
    state->instance.main_thread.post([state, failure](Napi::Env env) {
      // Who disposed of it before hearing that it is ready shall not hear that any more.
      const bool was_disposed = !failure && !state->disposing.empty();
      state->loading.settle(env, {was_disposed ? kAborted : failure, nullptr});
    });
  };
  callbacks.ended = [state] {
    state->instance.main_thread.post([state](Napi::Env env) {
      state->instance.forget(state->progress);
      state->instance.forget(state->engine.lock().get());
      for (const Pending& disposal : state->disposing) disposal.settle(env, {});
    });
  };
  LoadRequest request = load_request(source, info[1].ToString());
  std::shared_ptr<Gpu> gpu;
  if (info[3].IsObject()) {
    gpu = std::make_shared<Gpu>(state->instance, info[3].As<Napi::Object>());
    request.gpu = &gpu->runner();
  }
  const auto engine = std::make_shared<EngineThread>(std::move(request), std::move(callbacks));
  if (const Failure failure = state->instance.start(engine, source, gpu)) {
    state->instance.forget(state->progress);
    state->loading.settle(info.Env(), {failure, nullptr});
    return;
  }
  state->engine = engine;
}

ModelObject::~ModelObject() {
  if (const auto engine = state_->engine.lock()) engine->stop();
}

/// Has `compute` run between two steps of the model, and keeps an object alive meanwhile.
Napi::Value ModelObject::run(Napi::Env env, std::function<Outcome(hearth_model* model)> compute,
                             std::optional<KeptId> kept) {
  const Pending pending(env);
  const auto work = [state = state_, pending, kept, compute = std::move(compute)](hearth_model* model) {
    const Outcome outcome =
        model == nullptr ? Outcome{kDisposed, nullptr} : outcome_of([&] { return compute(model); });
    state->instance.main_thread.post([state, pending, kept, outcome](Napi::Env main_env) {
      if (kept) state->instance.forget(*kept);
      pending.settle(main_env, outcome);
    });
  };
  if (const auto engine = state_->engine.lock()) {
    engine->run(work);
  } else {
    work(nullptr);
  }
  return pending.promise(env);
}

// call(name, arguments as JSON, data?): {type, data}. A typed array stays where it is meanwhile.
Napi::Value ModelObject::call(const Napi::CallbackInfo& info) {
  const std::string name = info[0].ToString();
  std::span<const uint8_t> data;
  std::optional<KeptId> kept;
  if (info[2].IsTypedArray()) {
    const auto array = info[2].As<Napi::TypedArray>();
    data = {static_cast<const uint8_t*>(array.ArrayBuffer().Data()) + array.ByteOffset(), array.ByteLength()};
    kept = state_->instance.keep(array);
  }
  const auto call = [name, arguments = std::string(info[1].ToString()), data](hearth_model* model) {
    return call_outcome(model, name, arguments, data);
  };
  if (hearth_call_only_reads(name.c_str()) == 0) return run(info.Env(), call, kept);
  return Reader::start(info.Env(), state_->engine.lock(), call, kept);
}

// generate(tokens, options as JSON, onEvent): { cancel(), hold(held) }
Napi::Value ModelObject::generate(const Napi::CallbackInfo& info) {
  return start_generation(state_->instance, state_->engine.lock(), info);
}

// dispose(): a promise that is settled when the model's memory and threads are given back.
Napi::Value ModelObject::dispose(const Napi::CallbackInfo& info) {
  const Pending pending(info.Env());
  if (const auto engine = state_->engine.lock()) {
    state_->disposing.push_back(pending);
    engine->stop();
  } else {
    pending.settle(info.Env(), {});
  }
  return pending.promise(info.Env());
}

}  // namespace hearth::node
