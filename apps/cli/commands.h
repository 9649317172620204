// The commands of the program, one file each (x_command.cpp). Each adds its subcommand with options and a
// callback that does the work and ends with `leave_on_error`.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "engine/base/result.h"

namespace hearth::cli {

void add_run_command(CLI::App& app);
void add_chat_command(CLI::App& app);
void add_pull_command(CLI::App& app);
void add_list_command(CLI::App& app);
void add_show_command(CLI::App& app);
void add_rm_command(CLI::App& app);
void add_inspect_command(CLI::App& app);
void add_tokenize_command(CLI::App& app);
void add_template_command(CLI::App& app);
void add_grammar_command(CLI::App& app);
void add_workflow_command(CLI::App& app);
void add_embed_command(CLI::App& app);
void add_rerank_command(CLI::App& app);
void add_logits_command(CLI::App& app);
void add_perplexity_command(CLI::App& app);
void add_imatrix_command(CLI::App& app);
void add_serve_command(CLI::App& app);
void add_key_command(CLI::App& app);
void add_bench_command(CLI::App& app);
void add_convert_command(CLI::App& app);
void add_split_command(CLI::App& app);
void add_join_command(CLI::App& app);
void add_bundle_command(CLI::App& app);
void add_make_model_command(CLI::App& app);

inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;

/// Does nothing on success; otherwise prints the error to standard error and ends the program with exit code
/// 1, or silently after a signal (interrupt.h), by CLI11's own means (CLI::RuntimeError, which only main
/// sees).
void leave_on_error(const Result<void>& result);

/// Ends the program with exit code 2 for arguments that CLI11 cannot tell to be wrong, as it does for others.
[[noreturn]] void refuse_usage(const std::string& message);

}  // namespace hearth::cli
