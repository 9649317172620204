// The options that every command with a model shares, and loading with them.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "apps/cli/model_argument.h"
#include "apps/cli/table_option.h"
#include "engine/base/result.h"
#include "engine/runtime/engine.h"

namespace hearth::cli {

struct ModelOptions {
  std::string path;                 // or a name that model_file() takes; empty: the bundled model
  Absent absent = Absent::kRefuse;  // what is done about an address that was not downloaded
  GivenOptions given = GivenOptions::object();
  std::vector<std::string> adapters;  // FILE or FILE=SCALE

  /// The context has so many positions where the command line says nothing of it.
  void set_default_context(int32_t positions) {
    if (given.value("contextSize", 0) == 0) given["contextSize"] = positions;
  }
};

/// Adds --lora.
void add_adapters(CLI::App& command, std::vector<std::string>& adapters);

/// The file that --lora was given, and its scale where the text ends in one.
std::pair<std::string, float> file_and_scale(const std::string& text);

/// Adds all but those that are about many conversations at once.
void add_model_options(CLI::App& command, ModelOptions& options);

struct LoadedModel : Engine {
  double load_ms = 0.0;
};

/// Loads with progress on standard error; Ctrl-C cancels.
Result<LoadedModel> load_model(const ModelOptions& options);

/// The model that comes with Hearth, models/hearth-spark.gguf: beside the program, in ../share/hearth, or in
/// the source tree that the program was built in. NOT_FOUND naming the places looked at.
Result<std::filesystem::path> find_bundled_model();

}  // namespace hearth::cli
