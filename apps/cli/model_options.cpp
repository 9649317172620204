#include "apps/cli/model_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <chrono>
#include <system_error>
#include <utility>
#include <vector>

#include "apps/cli/console.h"
#include "apps/cli/interrupt.h"

namespace hearth::cli {

void add_model_options(CLI::App& command, ModelOptions& options) {
  add_options<LoadOptions>(command, "Running", options.given,
                           {"cachePositions", "maxSequences", "maxBatchRows"});
}

Result<std::filesystem::path> find_bundled_model() {
  constexpr const char* kName = "hearth-spark.gguf";
  std::error_code ignored;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  const std::filesystem::path folder = program.parent_path();
  const std::array places{folder / "models" / kName, folder / ".." / "share" / "hearth" / kName,
                          folder / ".." / "models" / kName};
  std::vector<std::string> tried;
  for (const auto& place : places) {
    const std::filesystem::path path = place.lexically_normal();
    if (std::filesystem::exists(path, ignored)) return path;
    tried.push_back(path.string());
  }
  return Error{ErrorCode::kNotFound,
               fmt::format("no bundled model at {}; name a GGUF file", fmt::join(tried, ", "))};
}

Result<LoadedModel> load_model(const ModelOptions& options) {
  std::filesystem::path path = options.path;
  if (options.path.empty()) {
    HEARTH_ASSIGN(path, find_bundled_model());
  }
  LoadOptions chosen;
  HEARTH_TRY(set_options(chosen, options.given));
  ProgressLine line;
  const LoadProgress progress = [&line](LoadStage stage, uint64_t done, uint64_t total) {
    if (stage == LoadStage::kRead) line.show("loading", done, total);
    return !interrupted();
  };
  const auto begin = std::chrono::steady_clock::now();
  LoadedModel loaded;
  HEARTH_ASSIGN(static_cast<Engine&>(loaded), Engine::open(std::move(path), chosen, progress));
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  loaded.load_ms = took.count();
  return loaded;
}

}  // namespace hearth::cli
