// The JavaScript class Model: a thin face on EngineThread. packages/node/src/addon_types.ts describes it to
// its users.
#pragma once

#include <napi.h>

#include <functional>
#include <memory>
#include <optional>

#include "bindings/node/instance.h"
#include "bindings/node/promise.h"

namespace hearth::node {

class ModelObject : public Napi::ObjectWrap<ModelObject> {
 public:
  static Napi::Function define(Napi::Env env);

  explicit ModelObject(const Napi::CallbackInfo& info);
  /// A model that is collected as garbage goes the way of a disposed one.
  ~ModelObject() override;

 private:
  Napi::Value call(const Napi::CallbackInfo& info);
  Napi::Value generate(const Napi::CallbackInfo& info);
  Napi::Value dispose(const Napi::CallbackInfo& info);

  Napi::Value run(Napi::Env env, std::function<Outcome(hearth_model* model)> compute,
                  std::optional<KeptId> kept = std::nullopt);

  /// What the model's thread refers to when it reports; outlives both that thread and this object.
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace hearth::node
