// The workflow of a bundle: its file, and those that it calls.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

#include "apps/bundle/files.h"
#include "engine/base/result.h"

namespace hearth::bundle {

struct CarriedWorkflow {  // NOLINT(bugprone-exception-escape): moving a JSON value throws nothing
  /// {file, name, description, inputSchema}: which of the files it is, and what a form for its input is made
  /// of.
  nlohmann::ordered_json described;
  /// By their paths, seen from its folder.
  Files files;
};

/// INVALID_ARGUMENT with what is wrong with the file, or where it calls one that is not below its folder.
Result<CarriedWorkflow> read_workflow(const std::filesystem::path& path);

}  // namespace hearth::bundle
