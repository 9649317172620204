#include "engine/runtime/engine.h"

#include <utility>

namespace hearth {
namespace {

/// A draft model is small: all of it is where the model is, but that no limit is meant for it. Where a GPU's
/// memory is limited, that is the model's, and the CPU drafts.
LoadOptions options_of_draft(LoadOptions options) {
  options.memory_limit = 0;
  options.gpu_layers = -1;
  options.gpu_streaming = false;
  if (options.gpu_memory > 0) options.device.clear();
  return options;
}

}  // namespace

Result<Engine> Engine::open(ModelSource source, const LoadOptions& options, const LoadProgress& progress,
                            const gpu::MakeRunner& gpu) {
  Engine engine;
  const auto load = [&](auto&& from) {
    return Model::load(std::forward<decltype(from)>(from), options, progress, gpu);
  };
  HEARTH_ASSIGN(engine.model, std::visit(load, std::move(source)));
  if (!options.draft.empty()) {
    HEARTH_ASSIGN(engine.draft,
                  Model::load(std::filesystem::path(options.draft), options_of_draft(options), nullptr, gpu));
  }
  HEARTH_ASSIGN(engine.scheduler, Scheduler::create(*engine.model, options, engine.draft.get()));
  engine.scheduler->change_device_with([&model = *engine.model, options, gpu](bool to_cpu, const auto& move) {
    LoadOptions chosen = options;
    if (to_cpu) chosen.device.clear();
    return model.change_device(chosen, gpu, move);
  });
  return engine;
}

}  // namespace hearth
