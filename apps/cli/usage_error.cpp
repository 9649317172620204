#include "apps/cli/usage_error.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "engine/base/nearest_name.h"

namespace hearth::cli {
namespace {

std::string there_is_no(const char* kind, std::string_view name, const std::vector<std::string>& names) {
  const std::string nearest = nearest_name(name, names);
  if (nearest.empty()) return fmt::format("there is no {} '{}'", kind, name);
  return fmt::format("there is no {} '{}'; the nearest is '{}'", kind, name, nearest);
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

std::vector<std::string> options_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

}  // namespace

std::string usage_error(const CLI::App& app, const CLI::ParseError& problem) {
  const CLI::App* chosen = &app;
  while (!chosen->get_subcommands().empty()) chosen = chosen->get_subcommands().front();
  const std::vector<std::string> commands = commands_of(*chosen);
  for (const std::string& extra : app.remaining(true)) {
    const std::string name = extra.substr(0, extra.find('='));
    if (name.starts_with("-")) return there_is_no("option", name, options_of(*chosen));
    if (!commands.empty()) return there_is_no("command", name, commands);
  }
  return problem.what();
}

}  // namespace hearth::cli
