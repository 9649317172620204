// A generation that JavaScript has begun: its events go to a function, its end lets the process end.
#pragma once

#include <napi.h>

#include <memory>

#include "bindings/engine_thread/engine_thread.h"
#include "bindings/node/instance.h"

namespace hearth::node {

/// generate(tokens, options as JSON, onEvent): { cancel(), hold(held) }. `engine` may be nullptr: the model
/// was closed.
Napi::Value start_generation(Instance& instance, const std::shared_ptr<EngineThread>& engine,
                             const Napi::CallbackInfo& info);

}  // namespace hearth::node
