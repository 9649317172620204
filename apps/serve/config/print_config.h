// Writes hearth.yaml.
#pragma once

#include <string>

#include "apps/serve/config/server_config.h"

namespace hearth::serve {

/// All keys with their values and, as comments, what they mean. read_config reads it as the same.
std::string print_config(const ServerConfig& config);

}  // namespace hearth::serve
