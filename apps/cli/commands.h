// The commands of the program, one file each (x_command.cpp). Each adds its subcommand with options and a
// callback that does the work and ends with `leave_on_error`.
#pragma once

#include <CLI/CLI.hpp>

#include "engine/base/result.h"

namespace hearth::cli {

void add_make_model_command(CLI::App& app);

/// Does nothing on success; otherwise prints the error to standard error and ends the program with exit code
/// 1, by CLI11's own means (CLI::RuntimeError, which only main sees).
void leave_on_error(const Result<void>& result);

}  // namespace hearth::cli
