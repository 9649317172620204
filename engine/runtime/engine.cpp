#include "engine/runtime/engine.h"

#include <utility>

namespace hearth {

Result<Engine> Engine::open(ModelSource source, const LoadOptions& options) {
  Engine engine;
  const auto load = [&options](auto&& from) {
    return Model::load(std::forward<decltype(from)>(from), options.device, options.progress,
                       options.memory_limit);
  };
  HEARTH_ASSIGN(engine.model, std::visit(load, std::move(source)));
  HEARTH_ASSIGN(engine.scheduler, Scheduler::create(*engine.model, options.scheduling));
  return engine;
}

}  // namespace hearth
