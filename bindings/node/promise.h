// Promises for what other threads find out.
#pragma once

#include <napi.h>

#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "bindings/node/convert.h"
#include "bindings/node/instance.h"

namespace hearth::node {

/// What came of a piece of work: a failure, or else the JavaScript value that `value` makes of it (none:
/// undefined).
struct Outcome {
  Failure failure;
  std::function<Napi::Value(Napi::Env)> value;
};

/// What `compute` gives, or the failure where it finds no memory: an exception would end the process.
template <typename Compute>
Outcome outcome_of(const Compute& compute) {
  try {
    return compute();
  } catch (const std::bad_alloc&) {
    return {{HEARTH_OUT_OF_MEMORY, "an allocation failed"}, nullptr};
  }
}

/// A promise that keeps the process alive until it is settled. Copies stand for the same promise.
class Pending {
 public:
  /// Main thread only.
  explicit Pending(Napi::Env env) : instance_(&Instance::of(env)) {
    napi_create_promise(env, &deferred_, &promise_);
    instance_->main_thread.hold();
  }

  /// To hand out, in the call that made it.
  Napi::Value promise(Napi::Env env) const { return {env, promise_}; }

  /// Main thread only, once.
  void settle(Napi::Env env, const Outcome& outcome) const {
    instance_->main_thread.release();
    if (outcome.failure) {
      napi_reject_deferred(env, deferred_, to_error(env, outcome.failure));
    } else {
      napi_resolve_deferred(env, deferred_, outcome.value ? outcome.value(env) : env.Undefined());
    }
  }

  /// The same from any thread.
  void post(Outcome outcome) const {
    instance_->main_thread.post(
        [self = *this, outcome = std::move(outcome)](Napi::Env env) { self.settle(env, outcome); });
  }

 private:
  Instance* instance_;
  napi_deferred deferred_ = nullptr;
  napi_value promise_ = nullptr;
};

/// Runs `read` with the model on a thread of Node's own pool, where it neither waits for a step nor holds one
/// up. An object may be kept alive meanwhile.
class Reader final : public Napi::AsyncWorker {
 public:
  using Read = std::function<Outcome(hearth_model* model)>;

  static Napi::Value start(Napi::Env env, std::shared_ptr<EngineThread> engine, Read read,
                           std::optional<KeptId> kept) {
    auto* reader = new Reader(env, std::move(engine), std::move(read), kept);  // deletes itself when done
    const Napi::Value promise = reader->pending_.promise(env);
    reader->Queue();
    return promise;
  }

 private:
  Reader(Napi::Env env, std::shared_ptr<EngineThread> engine, Read read, std::optional<KeptId> kept)
      : Napi::AsyncWorker(env),
        pending_(env),
        engine_(std::move(engine)),
        read_(std::move(read)),
        kept_(kept) {}

  void Execute() override {
    outcome_.failure = {HEARTH_DISPOSED, "the model was closed"};
    if (engine_ == nullptr) return;
    engine_->read([this](hearth_model* model) {
      if (model != nullptr) outcome_ = outcome_of([&] { return read_(model); });
    });
  }
  void OnOK() override {
    if (kept_) Instance::of(Env()).forget(*kept_);
    pending_.settle(Env(), outcome_);
  }

  Pending pending_;
  std::shared_ptr<EngineThread> engine_;
  Read read_;
  std::optional<KeptId> kept_;
  Outcome outcome_;
};

}  // namespace hearth::node
