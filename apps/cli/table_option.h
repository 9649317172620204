// Options of the engine's tables on the command line: topK is --top-k. Numbers are decimal.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "engine/options/option_values.h"

namespace hearth::cli {

/// Values that were given on the command line, by the options' names; what was not given is not there.
using GivenOptions = nlohmann::ordered_json;

/// For CLI::Option::transform: whole numbers of which the tables know nothing. 010 is ten.
CLI::Validator whole_number(int64_t least, int64_t most);

/// Adds an option with the help, the range and the default that its table has for it. Lists of tokens have no
/// form here: nothing is added for them.
void add_option(CLI::App& command, const Option& option, const std::string& help, const std::string& group,
                GivenOptions& given);

/// Adds all options of a table that users may set, but `others`.
template <typename Struct>
void add_options(CLI::App& command, const std::string& group, GivenOptions& given,
                 std::initializer_list<std::string_view> others = {}) {
  for (const OptionOf<Struct>& option : option_table<Struct>()) {
    const bool is_other = std::find(others.begin(), others.end(), option.name) != others.end();
    if (!is_other && !option.is_internal) add_option(command, option, describe(option), group, given);
  }
}

/// Adds those alone that have the given names.
template <typename Struct>
void add_named_options(CLI::App& command, const std::string& group, GivenOptions& given,
                       std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const OptionOf<Struct>& option = *find_option<Struct>(name).value();
    add_option(command, option, describe(option), group, given);
  }
}

}  // namespace hearth::cli
