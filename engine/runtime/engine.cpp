#include "engine/runtime/engine.h"

#include <utility>

namespace hearth {

Result<Engine> Engine::open(ModelSource source, const LoadOptions& options, const LoadProgress& progress,
                            const gpu::MakeRunner& gpu) {
  Engine engine;
  const DeviceOptions device{options.device, options.threads, options.instruction_set, gpu};
  const auto load = [&](auto&& from) {
    return Model::load(std::forward<decltype(from)>(from), device, progress, options.memory_limit);
  };
  HEARTH_ASSIGN(engine.model, std::visit(load, std::move(source)));
  if (!options.draft.empty()) {
    HEARTH_ASSIGN(engine.draft, Model::load(std::filesystem::path(options.draft), device));
  }
  HEARTH_ASSIGN(engine.scheduler, Scheduler::create(*engine.model, options, engine.draft.get()));
  return engine;
}

}  // namespace hearth
