#include "engine/runtime/engine.h"

#include <utility>

namespace hearth {

Result<Engine> Engine::open(ModelSource source, const LoadOptions& options, const LoadProgress& progress) {
  Engine engine;
  const auto load = [&](auto&& from) {
    return Model::load(std::forward<decltype(from)>(from),
                       {options.device, options.threads, options.instruction_set}, progress,
                       options.memory_limit);
  };
  HEARTH_ASSIGN(engine.model, std::visit(load, std::move(source)));
  HEARTH_ASSIGN(engine.scheduler, Scheduler::create(*engine.model, options));
  return engine;
}

}  // namespace hearth
