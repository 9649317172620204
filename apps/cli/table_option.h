// Options of the engine's table on the command line. Numbers are decimal.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/runtime/options.h"

namespace hearth::cli {

/// The line of the engine's table with that name.
template <typename Struct>
const Option& option_named(std::string_view name) {
  for (const OptionOf<Struct>& option : option_table<Struct>()) {
    if (option.name == name) return option;
  }
  throw CLI::OptionNotFound(std::string(name));
}

/// For CLI::Option::transform: refuses what the option may not be, and says what it may. 010 is ten.
CLI::Validator value_of(const Option& option);

/// The same for whole numbers of which the table knows nothing.
CLI::Validator whole_number(int64_t least, int64_t most);

/// Adds one with the help, the range and the default that the table has for it.
template <typename Struct, typename T>
CLI::Option* add_option(CLI::App& command, const std::string& flags, std::string_view name, T& into) {
  const Option& option = option_named<Struct>(name);
  return command.add_option(flags, into, describe(option))->transform(value_of(option));
}

}  // namespace hearth::cli
