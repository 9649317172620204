// A model ready to run, opened in one way by every face: the C interface with all that is built on it, and
// the command line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <variant>
#include <vector>

#include "engine/base/byte_source.h"
#include "engine/base/result.h"
#include "engine/compute/devices.h"
#include "engine/runtime/model.h"
#include "engine/runtime/scheduler.h"

namespace hearth {

/// A file, with the other parts of a split model beside it, or one source per part, in order.
using ModelSource = std::variant<std::filesystem::path, std::vector<std::shared_ptr<const ByteSource>>>;

/// Numbers are as the table of options (options.h) allows them.
struct LoadOptions {
  DeviceOptions device;
  SchedulerOptions scheduling;
  uint64_t memory_limit = 0;  // bytes of weights in memory at most; 0: no limit
  LoadProgress progress = nullptr;
};

struct Engine {
  /// What Model::load and Scheduler::create fail with.
  static Result<Engine> open(ModelSource source, const LoadOptions& options);

  std::unique_ptr<Model> model;
  std::unique_ptr<Scheduler> scheduler;  // refers to the model
};

}  // namespace hearth
