#include "apps/cli/model_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "apps/cli/console.h"
#include "apps/cli/interrupt.h"
#include "engine/base/escaped.h"

namespace hearth::cli {

void add_model_options(CLI::App& command, ModelOptions& options) {
  add_options<LoadOptions>(command, "Running", options.given,
                           {"cachePositions", "maxSequences", "maxBatchRows"});
  add_adapters(command, options.adapters);
}

void add_adapters(CLI::App& command, std::vector<std::string>& adapters) {
  command
      .add_option("--lora", adapters,
                  "Add a low-rank adapter (GGUF), scaled where a number is given; may be given several times")
      ->type_name("FILE[=SCALE]")
      ->allow_extra_args(false)
      ->group("Running");
}

std::pair<std::string, float> file_and_scale(const std::string& text) {
  const size_t sign = text.rfind('=');
  if (sign == std::string::npos) return {text, 1.0F};
  const char* const begin = text.data() + sign + 1;
  const char* const end = text.data() + text.size();
  float scale = 1.0F;
  const auto [stopped, problem] = std::from_chars(begin, end, scale);
  if (problem != std::errc() || stopped != end || !std::isfinite(scale)) return {text, 1.0F};
  return {text.substr(0, sign), scale};
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

namespace {

Result<std::filesystem::path> find_model(const ModelOptions& options) {
  HEARTH_ASSIGN(const std::string path, model_file(options.path, options.absent));
  return std::filesystem::path(path);
}

Result<void> add_adapters(const std::vector<std::string>& given, Scheduler& scheduler) {
  std::vector<AdapterChoice> chosen;
  for (const std::string& text : given) {
    const auto [file, scale] = file_and_scale(text);
    HEARTH_ASSIGN(const std::string path, model_file(file));
    HEARTH_ASSIGN(auto source, map_file(path));
    HEARTH_ASSIGN(const int32_t id, scheduler.adapters().load(std::move(source)));
    chosen.push_back({id, scale});
  }
  return scheduler.use_adapters(chosen);
}

}  // namespace

Result<LoadedModel> load_model(const ModelOptions& options) {
  LoadOptions chosen;
  HEARTH_TRY(set_options(chosen, options.given));
  if (!chosen.draft.empty()) {
    HEARTH_ASSIGN(chosen.draft, model_file(chosen.draft));
  }
  HEARTH_ASSIGN(std::filesystem::path path,
                options.path.empty() ? find_bundled_model() : find_model(options));
  auto line = std::make_unique<ProgressLine>();
  const LoadProgress progress = [&line](LoadStage stage, uint64_t done, uint64_t total) {
    if (stage == LoadStage::kRead) line->show("loading", done, total);
    return !interrupted();
  };
  const auto begin = std::chrono::steady_clock::now();
  LoadedModel loaded;
  HEARTH_ASSIGN(static_cast<Engine&>(loaded), Engine::open(std::move(path), chosen, progress));
  if (const std::string& reason = loaded.model->info().device_reason; !reason.empty()) {
    line.reset();  // clears what it shows
    fmt::print(stderr, "hearth: {}\n", escaped(reason));
  }
  HEARTH_TRY(add_adapters(options.adapters, *loaded.scheduler));
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  loaded.load_ms = took.count();
  return loaded;
}

}  // namespace hearth::cli
