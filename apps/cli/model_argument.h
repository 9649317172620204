// The argument that names a model: a path, or what was pulled under that name or reference.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "engine/base/result.h"

namespace hearth::cli {

/// Whether an argument that may be a model or something else, such as a prompt, is meant as a model: it is
/// empty (a shell's variable that is not set), ends in .gguf, is a file, an address of one, or what a
/// downloaded model is called.
bool names_model(const std::string& argument);

/// What is wrong with a model's name before anything is looked at, and what to do: it is empty. Empty where
/// nothing is.
std::string fault_of_model_name(const std::string& name);

/// The same as a check of CLI11's.
CLI::Validator model_name();

enum class Absent : uint8_t {
  kRefuse,  // NOT_FOUND, naming the command that downloads it
  kPull     // is downloaded, with progress on standard error
};

/// The path of the model that an argument names; what is done about an address that was not downloaded is up
/// to `absent`. A path that leads nowhere is given back as it is: opening it tells more.
Result<std::string> model_file(const std::string& name, Absent absent = Absent::kRefuse);

}  // namespace hearth::cli
