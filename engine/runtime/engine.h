// A model ready to run, opened in one way by every face: the C interface with all that is built on it, and
// the command line.
#pragma once

#include <filesystem>
#include <memory>
#include <variant>
#include <vector>

#include "engine/base/byte_source.h"
#include "engine/base/result.h"
#include "engine/options/load_options.h"
#include "engine/runtime/model.h"
#include "engine/runtime/scheduler.h"

namespace hearth {

/// A file, with the other parts of a split model beside it, or one source per part, in order.
using ModelSource = std::variant<std::filesystem::path, std::vector<std::shared_ptr<const ByteSource>>>;

struct Engine {
  /// Numbers are as the table of options allows them. `gpu` is what the caller brings as one, if anything.
  /// Fails as Model::load and Scheduler::create do.
  static Result<Engine> open(ModelSource source, const LoadOptions& options,
                             const LoadProgress& progress = nullptr, const gpu::MakeRunner& gpu = nullptr);

  std::unique_ptr<Model> model;
  std::unique_ptr<Model> draft;          // of LoadOptions::draft
  std::unique_ptr<Scheduler> scheduler;  // refers to both
};

}  // namespace hearth
