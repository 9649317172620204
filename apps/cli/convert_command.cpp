// hearth convert: writes a model in another block type.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/cli/commands.h"
#include "apps/cli/console.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/model_argument.h"
#include "apps/cli/output_file.h"
#include "engine/model/convert/convert.h"

namespace hearth::cli {
namespace {

struct ConvertOptions {
  std::string from;
  std::string to;
  std::string type;
  bool json = false;
};

/// "18 Q4_K, 3 Q6_K"
std::string as_text(const TensorTypes& types) {
  std::vector<std::string> counts;
  for (const auto& [type, count] : types)
    counts.push_back(fmt::format("{} {}", count, block_layout(type).name));
  return fmt::format("{}", fmt::join(counts, ", "));
}

nlohmann::ordered_json as_json(const TensorTypes& types) {
  nlohmann::ordered_json counts = nlohmann::ordered_json::object();
  for (const auto& [type, count] : types) counts[std::string(block_layout(type).name)] = count;
  return counts;
}

Result<void> convert(const ConvertOptions& options) {
  catch_interrupts();
  HEARTH_ASSIGN(const TypeMix mix, find_type_mix(options.type));
  HEARTH_ASSIGN(const ModelFile file, ModelFile::open(options.from));
  HEARTH_TRY(refuse_own_file(file, options.to));
  GgufWriter writer;
  HEARTH_ASSIGN(const TensorTypes types, add_converted_model(file, mix, writer));
  ProgressLine line;
  uint64_t size = 0;
  HEARTH_TRY(writer.write(options.to, [&](uint64_t done, uint64_t total) {
    line.show("written", done, total);
    size = total;
    return !interrupted();
  }));
  if (is_standard_output(options.to)) return {};
  if (options.json) {
    const nlohmann::ordered_json summary = {{"file", options.to},
                                            {"type", mix.name},
                                            {"bytes", size},
                                            {"bytesBefore", file.size()},
                                            {"tensors", as_json(types)}};
    return put(summary.dump() + "\n");
  }
  return put(fmt::format("{}: {}, {:.1f} MB (before: {:.1f} MB); tensors: {}\n", options.to, mix.name,
                         static_cast<double>(size) / 1e6, static_cast<double>(file.size()) / 1e6,
                         as_text(types)));
}

}  // namespace

void add_convert_command(CLI::App& app) {
  auto options = std::make_shared<ConvertOptions>();
  CLI::App* command = app.add_subcommand("convert", "Write a model in another block type, smaller or exact");
  command->add_option("model", options->from, "GGUF file; of a split model the first part")
      ->required()
      ->check(model_name());
  command->add_option("file", options->to, "The GGUF file to write")->required();
  command
      ->add_option(
          "--type", options->type,
          "Block type of the weights: F32, F16, Q8_0, ..., or the mixes Q4_K_S, Q4_K_M, Q5_K_S, Q5_K_M")
      ->required();
  command->add_flag("--json", options->json, "Print what was written as JSON");
  command->footer("Example:\n  hearth convert model-f16.gguf model-q4.gguf --type Q4_K_M");
  command->callback([options] { leave_on_error(convert(*options)); });
}

}  // namespace hearth::cli
