// The command line: parses the arguments and hands over to the command that they name.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "apps/cli/commands.h"

namespace hearth::cli {

void leave_on_error(const Result<void>& result) {
  if (result.ok()) return;
  fmt::print(stderr, "hearth: {} ({})\n", result.error().message, error_code_name(result.error().code));
  throw CLI::RuntimeError(1);
}

}  // namespace hearth::cli

int main(int argc, char** argv) {
  CLI::App app("Hearth runs language models on this machine.", "hearth");
  app.require_subcommand(1);
  hearth::cli::add_make_model_command(app);
  CLI11_PARSE(app, argc, argv);
  return 0;
}
