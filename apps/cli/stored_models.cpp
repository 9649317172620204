#include "apps/cli/stored_models.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "apps/cli/console.h"
#include "apps/cli/interrupt.h"
#include "engine/base/escaped.h"

namespace hearth::cli {
namespace {

std::string iso_time(std::chrono::system_clock::time_point time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

}  // namespace

nlohmann::ordered_json to_json(const store::StoredModel& model) {
  nlohmann::ordered_json json = {{"name", model.name},
                                 {"reference", model.reference},
                                 {"path", model.path.string()},
                                 {"size", model.size},
                                 {"architecture", model.architecture},
                                 {"quantization", model.quantization},
                                 {"stored", iso_time(model.stored)},
                                 {"used", iso_time(model.used)}};
  if (!model.sha256.empty()) json["sha256"] = model.sha256;
  if (!model.fault.empty()) json["fault"] = model.fault;
  return json;
}

Result<store::StoredModel> pull_model(const std::string& reference, const store::PullOptions& options) {
  catch_interrupts();
  ProgressLine line;
  std::string told;
  const auto show = [&](const store::PullProgress& progress) {
    const bool is_loading = progress.stage == "download";
    const std::string what =
        fmt::format("{} {}", is_loading ? "downloading" : "checking", escaped(progress.file));
    if (is_loading || progress.stage == "verify") line.show(what, progress.loaded, progress.total);
    if (!progress.message.empty() && progress.message != told) {
      fmt::print(stderr, "hearth: {}\n", escaped(progress.message));
      told = progress.message;
    }
    return !interrupted();
  };
  return store::ModelStore().pull(reference, show, options);
}

}  // namespace hearth::cli
