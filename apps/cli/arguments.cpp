#include "apps/cli/arguments.h"

#include <string_view>

namespace hearth::cli {
namespace {

constexpr char kShield = '\0';

}  // namespace

std::vector<std::string> shielded_arguments(int argc, const char* const* argv) {
  std::vector<std::string> arguments;
  bool only_positional = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (!only_positional && argument == "--") {
      only_positional = true;
      continue;
    }
    arguments.emplace_back(argument);
    if (only_positional || argument.starts_with('[')) arguments.back().insert(0, 1, kShield);
  }
  return arguments;
}

void unshield_arguments(CLI::App& app) {
  const auto unshield = [](std::string& argument) {
    argument = unshielded(argument);
    return std::string();
  };
  for (CLI::App* command : app.get_subcommands({})) {
    for (CLI::Option* option : command->get_options()) option->transform(CLI::Validator(unshield, ""));
    unshield_arguments(*command);
  }
}

std::string unshielded(std::string text) {
  std::erase(text, kShield);
  return text;
}

}  // namespace hearth::cli
