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
#include "apps/cli/table_option.h"

namespace hearth::cli {

void add_model_options(CLI::App& command, ModelOptions& options) {
  using Load = hearth_model_options;
  const std::string group = "Running";
  add_option<Load>(command, "-t,--threads", "threads", options.threads)->group(group);
  add_option<Load>(command, "--context", "contextSize", options.context_size)->group(group);
  add_option<Load>(command, "--kv-type", "kvType", options.kv_type)->group(group);
  add_option<Load>(command, "--memory-limit", "memoryLimit", options.memory_limit)->group(group);
  command
      .add_option("--instruction-set", options.instruction_set,
                  describe(option_named<Load>("instructionSet")))
      ->group(group);
}

Result<BlockType> kv_type_named(const std::string& name) {
  if (const auto type = find_block_type(name)) return *type;
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("--kv-type must be f32, f16, q8_0 or q4_0, not '{}'", name)};
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
  chosen.device = {"", options.threads, options.instruction_set};
  chosen.scheduling.context_size = options.context_size;
  HEARTH_ASSIGN(chosen.scheduling.kv_type, kv_type_named(options.kv_type));
  chosen.memory_limit = options.memory_limit;
  ProgressLine line;
  chosen.progress = [&line](LoadStage stage, uint64_t done, uint64_t total) {
    if (stage == LoadStage::kRead) line.show("loading", done, total);
    return !interrupted();
  };
  const auto begin = std::chrono::steady_clock::now();
  LoadedModel loaded;
  HEARTH_ASSIGN(static_cast<Engine&>(loaded), Engine::open(std::move(path), chosen));
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  loaded.load_ms = took.count();
  return loaded;
}

}  // namespace hearth::cli
