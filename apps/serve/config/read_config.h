// Reads hearth.yaml.
#pragma once

#include <filesystem>
#include <string_view>

#include "apps/serve/config/server_config.h"
#include "engine/base/result.h"

namespace hearth::serve {

/// INVALID_ARGUMENT with file, line and column for what is no YAML, for keys that there are not (with the one
/// that may be meant) or that are there twice, and for values that cannot be. NOT_FOUND or IO for a file that
/// cannot be read. Relative paths become absolute, from the file's folder.
Result<ServerConfig> read_config(const std::filesystem::path& file);

/// The same of a text; `file` names it in messages and is where relative paths start.
Result<ServerConfig> read_config_text(std::string_view text, const std::filesystem::path& file);

}  // namespace hearth::serve
