// The command line: parses the arguments and hands over to the command that they name.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "apps/cli/arguments.h"
#include "apps/cli/commands.h"
#include "apps/cli/console.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/usage_error.h"
#include "engine/hearth.h"

namespace hearth::cli {
namespace {

void add_commands(CLI::App& app) {
  add_run_command(app);
  add_chat_command(app);
  add_pull_command(app);
  add_list_command(app);
  add_show_command(app);
  add_rm_command(app);
  add_inspect_command(app);
  add_tokenize_command(app);
  add_template_command(app);
  add_grammar_command(app);
  add_workflow_command(app);
  add_embed_command(app);
  add_rerank_command(app);
  add_logits_command(app);
  add_perplexity_command(app);
  add_imatrix_command(app);
  add_serve_command(app);
  add_key_command(app);
  add_bench_command(app);
  add_convert_command(app);
  add_split_command(app);
  add_join_command(app);
  add_bundle_command(app);
  add_make_model_command(app);
}

/// Prints what --help and --version ask for.
int show_and_leave(const CLI::App& app, const CLI::ParseError& asked) {
  std::ostringstream text;
  const int exit_code = app.exit(asked, text);
  const Result<void> shown = put(text.str());
  if (shown.ok()) return exit_code;
  print_error(shown.error().code, shown.error().message);
  return kExitFailure;
}

int run_program(int argc, char** argv) {
  CLI::App app("Hearth runs language models on this machine.", "hearth");
  app.require_subcommand(1);
  app.set_version_flag("--version", hearth_version());
  app.footer(
      "Exit codes: 0 success, 1 failure, 2 wrong usage, 128 + N ended by signal N (130: Ctrl-C).\n"
      "'hearth COMMAND --help' tells what a command does.");
  add_commands(app);
  unshield_arguments(app);
  try {
    std::vector<std::string> arguments = shielded_arguments(argc, argv);
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    app.parse(std::move(arguments));
  } catch (const CLI::RuntimeError& leave) {  // a command has said what went wrong
    return leave.get_exit_code();
  } catch (const CLI::ParseError& problem) {
    if (problem.get_exit_code() == 0) return show_and_leave(app, problem);
    print_error(ErrorCode::kInvalidArgument, unshielded(usage_error(app, problem)));
    fmt::print(stderr, "'hearth {}--help' shows how it is used\n",
               app.get_subcommands().empty() ? "" : app.get_subcommands().front()->get_name() + " ");
    return kExitUsage;
  }
  return 0;
}

}  // namespace

void leave_on_error(const Result<void>& result) {
  if (result.ok()) return;
  if (interrupted()) throw CLI::RuntimeError(interrupt_exit_code());  // who sent it knows
  print_error(result.error().code, result.error().message);
  throw CLI::RuntimeError(kExitFailure);
}

void refuse_usage(const std::string& message) { throw CLI::ValidationError(message); }

}  // namespace hearth::cli

int main(int argc, char** argv) {
  // A parent may have left it ignored; then writing into a closed pipe would fail with a message.
  signal(SIGPIPE, SIG_DFL);
  // A file that grows past 'ulimit -f' is an error like a full disk.
  signal(SIGXFSZ, SIG_IGN);
  try {
    return hearth::cli::run_program(argc, argv);
  } catch (const std::bad_alloc&) {
    hearth::cli::print_error(hearth::ErrorCode::kOutOfMemory, "an allocation failed");
  } catch (const std::exception& problem) {
    hearth::cli::print_error(hearth::ErrorCode::kInternal, problem.what());
  }
  return hearth::cli::kExitFailure;
}
