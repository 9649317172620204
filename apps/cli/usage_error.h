// What is wrong with arguments that cannot be parsed.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace hearth::cli {

/// What `problem`, which parsing `app` ended with, has to say. A command or an option that there is not is
/// told with the nearest that there is.
std::string usage_error(const CLI::App& app, const CLI::ParseError& problem);

}  // namespace hearth::cli
