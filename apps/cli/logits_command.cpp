// hearth logits: the raw output of a model, for comparing with other programs.
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "apps/cli/commands.h"
#include "apps/cli/console.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/model_argument.h"
#include "apps/cli/model_options.h"
#include "apps/cli/table_option.h"

namespace hearth::cli {
namespace {

struct LogitsOptions {
  ModelOptions model;
  std::vector<int32_t> tokens;
  std::string out;
  bool json = false;
};

Result<void> write_logits(const LogitsOptions& options) {
  catch_interrupts();
  ModelOptions model_options = options.model;
  if (model_options.context_size == 0) {
    model_options.context_size = static_cast<int32_t>(options.tokens.size());
  }
  HEARTH_ASSIGN(const LoadedModel loaded, load_model(model_options));
  const std::unique_ptr<std::FILE, decltype(&std::fclose)> file(std::fopen(options.out.c_str(), "wb"),
                                                                std::fclose);
  const auto cannot_write = [&] {
    return Error{ErrorCode::kIo, fmt::format("{}: cannot write it: {}", options.out, std::strerror(errno))};
  };
  if (file == nullptr) return cannot_write();
  ProgressLine line;
  bool written = true;
  const auto write_row = [&](size_t position, std::span<const float> row) {
    written = std::fwrite(row.data(), sizeof(float), row.size(), file.get()) == row.size();
    line.show("logits", position + 1, options.tokens.size());
    return written && !interrupted();
  };
  const Result<void> done = loaded.scheduler->logits(options.tokens, 0, write_row);
  if (!written || std::fflush(file.get()) != 0) return cannot_write();
  HEARTH_TRY(done);
  if (!options.json) return {};
  const nlohmann::ordered_json json = {{"file", options.out},
                                       {"rows", options.tokens.size()},
                                       {"columns", loaded.model->info().vocab_size},
                                       {"type", "f32"}};
  return put(json.dump() + "\n");
}

}  // namespace

void add_logits_command(CLI::App& app) {
  auto options = std::make_shared<LogitsOptions>();
  CLI::App* command =
      app.add_subcommand("logits", "Write the logits that follow each of some tokens: f32, a row per token");
  command->add_option("model", options->model.path, "GGUF file")->required()->check(model_name());
  command->add_option("--tokens", options->tokens, "Token ids, separated by commas")
      ->delimiter(',')
      ->transform(whole_number(0, INT32_MAX))
      ->required();
  command->add_option("--out", options->out, "File to write, little-endian floats")->required();
  command->add_flag("--json", options->json, "Print the shape of what was written");
  add_model_options(*command, options->model);
  command->footer("Example:\n  hearth logits model.gguf --tokens 1,403,407 --out logits.f32 --kv-type f32");
  command->callback([options] { leave_on_error(write_logits(*options)); });
}

}  // namespace hearth::cli
