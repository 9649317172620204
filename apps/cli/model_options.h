// The options that every command with a model shares, and loading with them.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "engine/base/result.h"
#include "engine/runtime/engine.h"

namespace hearth::cli {

struct ModelOptions {
  std::string path;  // empty: the bundled model
  int threads = 0;
  int32_t context_size = 0;
  std::string kv_type = "f16";
  std::string instruction_set;
  uint64_t memory_limit = 0;
};

/// Adds --threads, --context, --kv-type, --memory-limit and --instruction-set.
void add_model_options(CLI::App& command, ModelOptions& options);

struct LoadedModel : Engine {
  double load_ms = 0.0;
};

/// Loads with progress on standard error; Ctrl-C cancels.
Result<LoadedModel> load_model(const ModelOptions& options);

/// The model that comes with Hearth, models/hearth-spark.gguf: beside the program, in ../share/hearth, or in
/// the source tree that the program was built in. NOT_FOUND naming the places looked at.
Result<std::filesystem::path> find_bundled_model();

/// The type of --kv-type. INVALID_ARGUMENT naming those there are.
Result<BlockType> kv_type_named(const std::string& name);

}  // namespace hearth::cli
