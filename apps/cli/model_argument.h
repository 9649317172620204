// The positional argument that names a model: what is meant as one, and what cannot be one.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace hearth::cli {

/// Whether an argument that may be a model or something else, such as a prompt, is meant as a model: it is
/// empty (a shell's variable that is not set), ends in .gguf, is a file, or is an address of one.
bool names_model(const std::string& argument);

/// What is wrong with a model's name before any file is opened, and what to do: it is empty, or an address,
/// which this program does not fetch. Empty where nothing is.
std::string fault_of_model_name(const std::string& name);

/// The same as a check of CLI11's.
CLI::Validator model_name();

}  // namespace hearth::cli
